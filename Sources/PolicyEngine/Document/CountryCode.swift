// SPDX-License-Identifier: Apache-2.0

/// A state, by its two-letter code of ISO 3166-1 in upper case.
package struct CountryCode: Hashable, Comparable, Sendable {
    private let first: UInt8
    private let second: UInt8

    /// `nil` for what is not an officially assigned code.
    package init?(_ text: String) {
        let bytes = Array(text.utf8.prefix(3))
        guard bytes.count == 2, Self.assigned.contains(Self.number(bytes[0], bytes[1])) else { return nil }
        (first, second) = (bytes[0], bytes[1])
    }

    package var text: String { String(decoding: [first, second], as: UTF8.self) }

    package static func < (a: CountryCode, b: CountryCode) -> Bool {
        number(a.first, a.second) < number(b.first, b.second)
    }

    /// The code that was meant by one that looks right and is not, with the reason for it.
    package static func correction(of text: String) -> (code: String, because: String)? {
        switch text {
        case "EL": ("GR", "Greece is `GR` in ISO 3166-1")
        case "UK": ("GB", "the United Kingdom is `GB` in ISO 3166-1")
        case _ where CountryCode(text.uppercased()) != nil:
            (text.uppercased(), "codes are upper case")
        default: nil
        }
    }

    static let all: [String] = table.split { $0 == " " || $0 == "\n" }.map(String.init)

    private static let assigned: Set<UInt16> = Set(
        all.map { code in
            let bytes = Array(code.utf8)
            return number(bytes[0], bytes[1])
        })

    private static func number(_ first: UInt8, _ second: UInt8) -> UInt16 { UInt16(first) << 8 | UInt16(second) }

    /// The 249 officially assigned codes (ISO 3166 Maintenance Agency).
    private static let table = """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
        BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
        ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
        HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
        LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
        NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
        SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
        UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
        """
}
