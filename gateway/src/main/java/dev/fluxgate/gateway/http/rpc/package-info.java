/** gRPC services → the same services on the HTTP port, for gRPC and gRPC-Web. */
@NullMarked
package dev.fluxgate.gateway.http.rpc;

import org.jspecify.annotations.NullMarked;
