/**
 * The embedded Kubernetes API: a transport-free core that answers ApiRequest with ApiResponse over the revision log, and
 * an HTTPS adapter. It knows kinds only as definitions and CustomResourceDefinitions.
 */
export type { ApiRequest, ApiResponse, User } from './request.ts'
