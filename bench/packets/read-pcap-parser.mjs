/** The same as read.mjs, with pcap-parser. */
import pcapParser from 'pcap-parser';

let frames = 0;
let bytes = 0;
const parser = pcapParser.parse(process.argv[2]);
parser.on('packet', ({ data }) => {
  frames++;
  bytes += data.length;
});
parser.on('end', () => console.log(JSON.stringify({ frames, bytes, outcome: 'complete' })));
