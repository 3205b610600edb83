// SPDX-License-Identifier: Apache-2.0

/// A tier's rules on contents as requests ask for them. A class, so that a question costs one reference count and not one for
/// each key.
final class TierContents: Sendable {
    let rules: TierRules
    /// Whether this is the tier of the own state.
    let isOwn: Bool
    /// Whether an event has to be looked into, and not only at its author.
    let concernsEvents: Bool
    let concernsToDevice: Bool
    /// Whether a room can be refused or marked.
    let concernsRooms: Bool
    /// `nil`: the tier limits nothing.
    let limits: TierLimits?

    init(_ rules: TierRules, ofOwnTier isOwn: Bool) {
        self.rules = rules
        self.isOwn = isOwn
        concernsEvents = !rules.events.isEmpty || !rules.encryption.isEmpty || !rules.users.isEmpty
        concernsToDevice = !rules.toDevice.isEmpty
        concernsRooms = rules.rooms.asksAnything || rules.labels != nil
        limits = rules.limits.isEmpty ? nil : TierLimits(rules.limits)
    }
}
