using System.Text.Json;

namespace Unroll.Tasks;

/// <summary>What is wrong with a JSON text, in words for those who have the file and not the classes that it is read into.</summary>
internal static class JsonFault
{
    internal static string Of(Exception fault)
    {
        string message = fault.Message.ReplaceLineEndings(" ").TrimEnd('.');
        const string Missing = "including: ";
        if (message.IndexOf(Missing, StringComparison.Ordinal) is >= 0 and var at) return $"{message[(at + Missing.Length)..].TrimEnd('.')} is missing";
        if (fault is not JsonException { Path: { Length: > 2 } path } json) return message;
        return json.InnerException is JsonException ? $"it is not JSON at {path}" : $"{path[2..]} is not what belongs there";
    }
}
