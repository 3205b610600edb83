// SPDX-License-Identifier: Apache-2.0

/// Whether one value of a setting lets more through than another.
extension PolicyDiff.Effect {
    /// Of something that lets the more through the larger it is.
    static func less<Value: Comparable>(_ was: Value, _ becomes: Value) -> Self {
        becomes < was ? .tightened : becomes == was ? .neutral : .loosened
    }

    static func required(_ was: Bool, _ becomes: Bool) -> Self {
        becomes == was ? .neutral : becomes ? .tightened : .loosened
    }

    /// Having a demand tightens, having none loosens; of two different ones it cannot be told.
    static func demanded<Value>(_ was: Value?, _ becomes: Value?) -> Self? {
        switch (was, becomes) {
        case (nil, nil): .neutral
        case (nil, _?): .tightened
        case (_?, nil): .loosened
        case (_?, _?): nil
        }
    }

    /// Of a list of what may pass; without one all may.
    static func among(_ was: Set<String>?, _ becomes: Set<String>?) -> Self? {
        guard let was, let becomes else { return demanded(was, becomes) }
        return becomes == was
            ? .neutral : becomes.isSubset(of: was) ? .tightened : was.isSubset(of: becomes) ? .loosened : nil
    }

    static func among(
        _ was: EventSelection?, _ becomes: EventSelection?, isRefusing: Bool = false
    ) -> Self? {
        guard let was, let becomes else { return demanded(was?.texts, becomes?.texts) }
        let (less, more) = isRefusing ? (was, becomes) : (becomes, was)
        return less.isWithin(more) ? .tightened : more.isWithin(less) ? .loosened : nil
    }
}
