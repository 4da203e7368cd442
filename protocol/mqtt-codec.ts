/**
 * mqtt-packet, which MQTT.js and aedes write with too, without its table of numbers: 65,536 buffers of two bytes, made
 * at the first packet in 80 ms, which hold 15 MB in every process and thread.
 */
import mqttPacket from 'mqtt-packet';

mqttPacket.writeToStream.cacheNumbers = false;

export { mqttPacket };
