export { memoryWorkCache } from '../cache/work-cache.ts';
export { runProperties } from '../controllers/properties/properties.ts';
export { createKey, requestCertificate } from '../link/certificate-request.ts';
export { installMemberKinds } from '../member/install.ts';
export { runWorks, type WorksOptions } from '../works.ts';
