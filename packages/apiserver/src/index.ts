/**
 * The embedded Kubernetes API: a transport-free core that answers ApiRequest with ApiResponse over the revision log, and
 * an HTTPS adapter. It knows kinds only as definitions and CustomResourceDefinitions.
 */
export { type AccessRule, createAuthorizer, createTokenAuthenticator } from './access.ts'
export { type ApiServer, createApiServer } from './create-api-server.ts'
export { type HttpsServer, serveHttps } from './https/serve-https.ts'
export { serveSocket, type SocketServer } from './https/serve-socket.ts'
export { inProcessTransport } from './in-process-transport.ts'
export { ensurePki, type Pki } from './pki/ensure-pki.ts'
export { writeKubeconfig } from './pki/kubeconfig.ts'
export type { ApiRequest, ApiResponse, User } from './request.ts'
