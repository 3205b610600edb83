// SPDX-License-Identifier: Apache-2.0

/// The name of `names` that `word` was probably meant to be, if one is near.
///
/// Damerau–Levenshtein distance (optimal string alignment) on bytes, upper and lower case alike, at most a third of the
/// word's length and never more than 3. Ties go to the name that sorts first, so the order of `names` does not matter.
package func nearestName(to word: String, in names: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().utf8.prefix(64))
    let limit = min(3, max(1, wanted.count / 3))
    var best: (name: String, distance: Int)?
    for name in names {
        let candidate = Array(name.lowercased().utf8.prefix(64))
        guard abs(candidate.count - wanted.count) <= limit else { continue }
        let distance = editDistance(wanted, candidate)
        guard distance <= limit else { continue }
        if let found = best, (found.distance, found.name) <= (distance, name) { continue }
        best = (name, distance)
    }
    return best?.name
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            let substituted = previous[j] + (a[i] == b[j] ? 0 : 1)
            var cost = min(substituted, previous[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
            row.append(cost)
        }
        before = previous
        previous = row
    }
    return previous[b.count]
}
