using System.Text.Json;
using Unroll.Tasks.Data.Scores;

namespace Unroll.Tasks.Shared;

/// <summary>A paired test as JSON, the same in every answer.</summary>
public static class PairedTestJson
{
    /// <summary>
    /// Writes the members of its object: <c>difference</c>, <c>low</c>, <c>high</c>, <c>mcnemar_p</c> where there is one, <c>verdict</c>.
    /// </summary>
    /// <param name="json">An object that has been started.</param>
    /// <param name="test">The test.</param>
    public static void Write(Utf8JsonWriter json, PairedTest test)
    {
        json.Number("difference", test.Difference);
        json.Number("low", test.Low);
        json.Number("high", test.High);
        if (test.P is { } p) json.Number("mcnemar_p", p);
        json.WriteString("verdict", test.Word);
    }
}
