using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Networks;

/// <summary>What a network's model file knows beside the weights.</summary>
/// <param name="Source">The file that the weights came from, without its folder.</param>
/// <param name="Format">What that file was: <c>pytorch</c>, <c>safetensors</c> ….</param>
/// <param name="Symbols">The symbols of the embedding in the order of its rows; empty: not known.</param>
public sealed record NetworkDescription(string Source, string Format, IReadOnlyList<string> Symbols)
{
    /// <summary>The description as JSON.</summary>
    public string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", NetworkTask.Word);
        json.WriteString("source", Source);
        json.WriteString("format", Format);
        json.WriteTexts("symbols", Symbols);
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The task's part of a model file.</param>
    /// <param name="where">The file, for errors.</param>
    /// <exception cref="UserErrorException">It is the description of another task, or damaged.</exception>
    public static NetworkDescription FromJson(string json, string where)
    {
        if (TaskWord.In(json) != NetworkTask.Word)
            throw new UserErrorException($"'{where}' is not a model of the task {NetworkTask.Word}; give one that 'unroll import' wrote.");
        try
        {
            return JsonRecord.Read(json, record =>
            {
                record.Ignore("task");
                NetworkDescription read = new(record.Text("source"), record.Text("format"), record.Texts("symbols"));
                return read.Symbols.Distinct().Count() == read.Symbols.Count ? read : throw new JsonException("a symbol stands twice");
            });
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{where}' is a damaged model: {e.Message.TrimEnd('.')}; fetch it or import it again.", e);
        }
    }
}
