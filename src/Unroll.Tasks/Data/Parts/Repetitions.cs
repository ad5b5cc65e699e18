using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Parts;

/// <summary>What stands on both sides of a split: a model may know it by heart.</summary>
internal static class Repetitions
{
    /// <summary>A line for each of the other parts that holds examples of the training part.</summary>
    /// <param name="what">The examples' name, such as <c>sequences</c>.</param>
    /// <param name="training">The contents of the training part.</param>
    /// <param name="validation">Those of the validation part.</param>
    /// <param name="test">Those of the test part.</param>
    public static IEnumerable<string> Between(string what, IEnumerable<string> training, IReadOnlyList<string> validation, IReadOnlyList<string> test)
    {
        HashSet<string> known = [.. training];
        foreach ((IReadOnlyList<string> part, string use) in new[] { (validation, "validate"), (test, "test") })
            if (part.Count(known.Contains) is > 0 and int count)
                yield return FormattableString.Invariant($"data: {count:N0} of the {part.Count:N0} {what} to {use} on stand in the ") +
                    "training part too; what is measured on them is memory: take them out of one of the two";
    }

    /// <summary>A line about inputs that have more than one label, which no model can get all right; null: there are none.</summary>
    /// <param name="what">The examples' name, such as <c>sequences</c>.</param>
    /// <param name="examples">The input, its label, and where it stands.</param>
    public static string? Contradictions(string what, IEnumerable<(string Input, string Label, string Where)> examples)
    {
        Dictionary<string, (string Label, string Where, int Count, bool Several)> inputs = [];
        (string Label, string Where, string Other, string OtherWhere)? shown = null;
        int all = 0;
        foreach ((string input, string label, string where) in examples)
        {
            all++;
            if (!inputs.TryGetValue(input, out var first)) first = (label, where, 0, false);
            if (label != first.Label) shown ??= (first.Label, first.Where, label, where);
            inputs[input] = first with { Count = first.Count + 1, Several = first.Several || label != first.Label };
        }
        int several = inputs.Values.Where(same => same.Several).Sum(same => same.Count);
        return shown is not { } one ? null
            : FormattableString.Invariant($"note: {several:N0} of {all:N0} {what} have the ") +
                $"input of another one and not its label: {one.Where} has '{Table.Shorten(one.Label)}' and {one.OtherWhere} has " +
                $"'{Table.Shorten(one.Other)}'; no model can be right about both: correct them, or take one out.";
    }
}
