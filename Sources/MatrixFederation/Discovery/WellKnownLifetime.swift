// SPDX-License-Identifier: Apache-2.0

/// How long a well-known answer is kept.
///
/// Cache headers decide between 5 minutes and 48 hours, 24 hours without them. The floor is the reference's: `no-store`
/// would otherwise put a fetch before every request. Source: Server-Server API, "Resolving server names"; RFC 9111.
package enum WellKnownLifetime {
    package static let defaultSeconds: Int64 = 86_400
    package static let minSeconds: Int64 = 300
    package static let maxSeconds: Int64 = 172_800
    /// Longest pause after failures.
    package static let maxFailureSeconds: Int64 = 3_600
    /// Bytes of an answer that are read.
    package static let maxBytes = 51_200
    /// How long past its life a valid answer still stands in for a failing server.
    package static let staleSeconds: Int64 = 7_200

    /// - Parameters:
    ///   - cacheControl: all `Cache-Control` field values, in order.
    ///   - expires: the `Expires` field value, which counts only without `max-age` and `no-store`.
    package static func seconds(cacheControl: [String], expires: String?, now: Timestamp) -> Int64 {
        let period = directives(cacheControl) ?? expires.map { secondsUntil($0, now) } ?? defaultSeconds
        return min(max(period, minSeconds), maxSeconds)
    }

    /// The pause after the `count`th failure in a row: 2 minutes, doubled each time, 1 hour at most.
    package static func seconds(afterFailures count: Int) -> Int64 {
        count >= 6 ? maxFailureSeconds : min(maxFailureSeconds, 120 << Int64(max(count - 1, 0)))
    }

    private static func directives(_ fields: [String]) -> Int64? {
        var maxAge: Int64?
        for directive in fields.flatMap({ $0.utf8.split(separator: UInt8(ascii: ",")) }) {
            let text = String(Substring(directive)).lowercased()
            let parts = text.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\t" } }
            if parts.first == "no-store" { return 0 }
            if parts.first == "max-age", parts.count == 2, let value = Int64(parts[1]) { maxAge = value }
        }
        return maxAge
    }

    /// A date that cannot be read (`0`) lies in the past.
    private static func secondsUntil(_ expires: String, _ now: Timestamp) -> Int64 {
        guard let date = HTTPDate(expires) else { return 0 }
        return (date.timestamp.milliseconds - now.milliseconds) / 1_000
    }
}
