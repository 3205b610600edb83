// SPDX-License-Identifier: Apache-2.0

import Foundation
import MatrixFederation
import PolicyEngine
import Testing

@Suite("Hours in which traffic is expected")
struct HoursTests {
    private func verdict(_ hours: String, _ time: String) throws -> Verdict {
        let policy = try ContentPolicy("hours: { \(hours) }").policy
        let date = try #require(ISO8601DateFormatter().date(from: time))
        let now = Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
        return policy.decideHours(now, with: try policy.peer(ContentPolicy.peer))
    }

    @Test(
        "inside nothing happens, outside there is a mark, by the clock of the zone",
        arguments: [
            // Winter: UTC+1. 2026-12-07 is a Monday.
            ("Europe/Paris", "2026-12-07T05:00:00Z", true), ("Europe/Paris", "2026-12-07T04:59:59Z", false),
            ("Europe/Paris", "2026-12-07T20:59:59Z", true), ("Europe/Paris", "2026-12-07T21:00:00Z", false),
            // Summer: UTC+2.
            ("Europe/Paris", "2026-07-06T04:00:00Z", true), ("Europe/Paris", "2026-07-06T20:00:00Z", false),
            // The week's end, and its edge in local time.
            ("Europe/Paris", "2026-12-06T12:00:00Z", false), ("Europe/Paris", "2026-12-04T20:00:00Z", true),
            ("UTC", "2026-12-07T06:00:00Z", true), ("UTC", "2026-12-07T05:59:59Z", false),
            ("\"+05:30\"", "2026-12-07T00:30:00Z", true), ("\"-05:00\"", "2026-12-07T10:59:00Z", false),
            ("\"-05:00\"", "2026-12-08T02:59:00Z", true),
        ])
    func spans(zone: String, time: String, isInside: Bool) throws {
        let verdict = try verdict("zone: \(zone), alert_outside: \"Mon-Fri 06:00-22:00\"", time)
        #expect(verdict.isAllowed && verdict.alert == (isInside ? nil : .hoursOutside))
        let refusing = try self.verdict("zone: \(zone), refuse_outside: \"Mon-Fri 06:00-22:00\"", time)
        #expect(refusing.isAllowed == isInside)
        if !isInside {
            #expect(refusing.reason == .hoursOutside && refusing.rule?.id == "tiers.eu.hours.refuse_outside")
        }
    }

    @Test("summer time begins and ends on the day and the hour of the directive, every year that matters")
    func summerTime() throws {
        for (zone, name) in [
            ("Europe/Paris", "Europe/Paris"), ("Europe/Helsinki", "Europe/Helsinki"),
            ("Europe/London", "Europe/London"),
        ] {
            let reference = try #require(TimeZone(identifier: name))
            let policy = try ContentPolicy("hours: { zone: \(zone), alert_outside: \"Mon-Sun 12:00-13:00\" }").policy
            let peer = try policy.peer(ContentPolicy.peer)
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = reference
            // Every 59 minutes of twelve years would be slow; primes reach all hours of all days.
            for step in 0..<9000 {
                let seconds = 1_767_225_600 + Int64(step) * 41_011
                let hour = calendar.component(.hour, from: Date(timeIntervalSince1970: TimeInterval(seconds)))
                let verdict = policy.decideHours(Timestamp(milliseconds: seconds * 1000), with: peer)
                #expect((verdict.alert == nil) == (hour == 12), "\(name) \(seconds)")
            }
        }
    }

    @Test("several spans, whole days, and times before 1970 and at the ends of the number line")
    func edges() throws {
        let hours = "zone: UTC, alert_outside: \"Mon-Fri 00:00-24:00, Sat 08:00-12:00\""
        #expect(try verdict(hours, "2026-12-05T11:59:59Z").alert == nil)
        #expect(try verdict(hours, "2026-12-05T12:00:00Z").alert == .hoursOutside)
        #expect(try verdict(hours, "2026-12-04T23:59:59Z").alert == nil)
        #expect(try verdict(hours, "1969-12-29T10:00:00Z").alert == nil)
        #expect(try verdict(hours, "1969-12-28T10:00:00Z").alert == .hoursOutside)
        let policy = try ContentPolicy("hours: { zone: Europe/Paris, alert_outside: \"Mon 00:00-24:00\" }").policy
        let peer = try policy.peer(ContentPolicy.peer)
        for milliseconds in [Int64.min, .max, 0, -1] {
            #expect(policy.decideHours(Timestamp(milliseconds: milliseconds), with: peer).isAllowed)
        }
    }
}
