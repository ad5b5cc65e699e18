using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>The task that the description in a model file is of: its member <c>task</c>.</summary>
internal static class TaskWord
{
    /// <summary>The name of the task; null where the text does not say one.</summary>
    /// <param name="taskJson">The description.</param>
    internal static string? In(string taskJson)
    {
        try
        {
            return JsonRecord.Parse(taskJson, task => task.ValueKind == JsonValueKind.Object && task.TryGetProperty("task", out JsonElement word)
                && word.ValueKind == JsonValueKind.String ? word.GetString() : null);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
