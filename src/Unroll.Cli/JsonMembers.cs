using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Cli;

/// <summary>Members of the JSON that commands print; what is not finite or not defined is null.</summary>
internal static class JsonMembers
{
    /// <summary>An object as it is, but on this one line.</summary>
    internal static void Raw(this Utf8JsonWriter json, string text)
    {
        JsonRecord.Parse(text, root =>
        {
            root.WriteTo(json);
            return root.ValueKind;
        });
    }
}
