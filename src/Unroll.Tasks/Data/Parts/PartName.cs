namespace Unroll.Tasks.Data.Parts;

/// <summary>The names by which files say to which part of the data something belongs.</summary>
internal static class PartName
{
    public const string Train = "train", Valid = "valid", Test = "test";

    /// <summary>The part that a name means, in capital letters or small ones; null where it is none of them, such as the number of a fold.</summary>
    public static string? Of(string name) => name.Trim().ToLowerInvariant() switch
    {
        "train" or "training" => Train,
        "valid" or "validation" or "val" or "dev" => Valid,
        "test" => Test,
        _ => null,
    };
}
