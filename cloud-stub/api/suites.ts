/** AES-256 only, in TLS 1.3 and 1.2: what is served to people, tools and brokers. */
export const API_SUITES = 'TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384';
