// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// A call of libcrypto or libssl failed while something was being configured or minted.
package struct OpenSSLFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted, in a few words.
    package let attempt: String
    /// The library's own words for the first error in its queue; empty when it left none.
    package let reason: String

    package var description: String { reason.isEmpty ? attempt : "\(attempt): \(reason)" }

    /// Takes the first error off this thread's queue and empties the queue.
    static func drained(_ attempt: String) -> OpenSSLFault {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else {
            return OpenSSLFault(attempt: attempt, reason: "")
        }
        return OpenSSLFault(attempt: attempt, reason: unsafe String(cString: text))
    }
}
