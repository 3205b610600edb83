// SPDX-License-Identifier: Apache-2.0

/// What an answer tells of one event.
package enum AnswerItem: Sendable {
    /// The event itself, an object that is a document of its own.
    case event(JSONDocument)
    /// Its ID alone, as newer rooms spell it.
    case identifier(String)
}

extension PDUFacts {
    /// What is known of an event that is a document of its own.
    package init(whole document: JSONDocument) {
        var reader = PDUReader(document)
        self = reader.read(document.root)
    }
}

/// Why it cannot be told which events an answer carries.
package enum AnswerFault: Error, Hashable, Sendable {
    /// It is no JSON that can be read in one way only, or an element of it is nested too deep.
    case json(JSONFault.Kind)
    /// It ends too early.
    case cutOff
    /// Not the object that the endpoint answers with, or something else than events where they belong.
    case shape
    /// A key occurs twice.
    case repeatedMember
    /// More than `AnswerReader.maxMembers` members.
    case tooManyMembers
    /// A value, of a list one element, of more than `AnswerReader.maxValueBytes`, or a key that is as unlikely.
    case tooLarge
}
