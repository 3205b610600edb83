// SPDX-License-Identifier: Apache-2.0

package struct RequestFacts: Sendable {
    package let room: String?
    package enum Fault: Error { case mismatch }
    package init(
        _ endpoint: Endpoint, _ parameters: PathParameters, _ target: RequestTarget, body: JSONDocument?,
        origin: ServerName, destination: ServerName
    ) throws(Fault) { room = nil }
}
