// Needed once in months, and a tenth of the agent's memory: imported when a certificate is asked for. BM-10
import 'reflect-metadata';

export { Name, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
