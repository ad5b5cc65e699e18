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
}
