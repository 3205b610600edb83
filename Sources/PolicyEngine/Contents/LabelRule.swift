// SPDX-License-Identifier: Apache-2.0

/// Which words a room's label may say, lowest first.
package enum LabelScheme: String, CaseIterable, Hashable, Sendable {
    /// Confidentiality labels of STANAG 4774 with NATO's own policy.
    case stanag4774 = "stanag-4774"
    /// Council Decision 2013/488/EU.
    case eu2013488 = "eu-2013-488"

    var levels: [String] {
        switch self {
        case .stanag4774:
            ["NATO UNCLASSIFIED", "NATO RESTRICTED", "NATO CONFIDENTIAL", "NATO SECRET", "COSMIC TOP SECRET"]
        case .eu2013488: ["EU UNCLASSIFIED", "EU RESTRICTED", "EU CONFIDENTIAL", "EU SECRET", "EU TOP SECRET"]
        }
    }

    /// The place of a level, byte for byte.
    func level(_ text: String) -> Int? { levels.firstIndex { $0.utf8.elementsEqual(text.utf8) } }
}

/// `labels`: how highly a room may be classified.
struct LabelRule: Sendable {
    let scheme: LabelScheme
    /// The place in the scheme's levels.
    let ceiling: Int
    let ceilingRule: RuleReference
    let missing: Answer
    let missingRule: RuleReference

    /// - Parameter label: `nil`: the room has none, or none is known.
    func judge(_ label: String?) -> Finding? {
        guard let label else {
            switch missing {
            case .allow: return nil
            case .alert: return .alert(.labelMissing)
            case .refuse: return .refused(.labelMissing, missingRule)
            }
        }
        guard let level = scheme.level(label) else { return .refused(.labelUnknown, ceilingRule) }
        return level > ceiling ? .refused(.labelCeiling, ceilingRule) : nil
    }

    var canonical: String { "\(scheme.rawValue) \(ceiling) missing=\(missing.rawValue)" }
}
