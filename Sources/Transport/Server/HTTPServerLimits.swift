// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Bounds of what peers may cost us. The defaults are those of AC-30 and AC-32.
package struct HTTPServerLimits: Sendable {
    package var head = HTTPHeadLimits.request
    /// From the first byte of a request to the end of its head; also from connecting to the first byte.
    package var headTime = TimeAmount.seconds(10)
    /// After this time a body must have come at `bodyBytesPerSecond` on average.
    package var bodyGrace = TimeAmount.seconds(10)
    package var bodyBytesPerSecond = 1024
    /// From the first byte of a request to the last of its body.
    package var requestTime = TimeAmount.seconds(60)
    /// How long a peer may leave an answer unread.
    package var writeStall = TimeAmount.seconds(30)
    /// How long a connection may rest between requests.
    package var idleTime = TimeAmount.seconds(120)
    /// How long, and for how many bytes, a refused peer is listened to so that it can read the answer.
    package var lingerTime = TimeAmount.seconds(1)
    package var lingerBytes = 262_144
    /// Bytes of later requests held back while one is being answered; then the socket is not read.
    package var pipelinedBytes = 65_536
    /// Connections at a time: in all, and from one IPv4 address or IPv6 /64.
    package var connections = 8192
    package var connectionsPerAddress = 256

    package init() {}
}
