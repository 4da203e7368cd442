/** Six bytes of `aa:bb:cc:dd:ee:ff`, as messages carry them. */
export const macBytes = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');
