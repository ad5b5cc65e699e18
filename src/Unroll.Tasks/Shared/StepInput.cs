using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>The JSON of a session's step, which whoever holds the session has parsed.</summary>
internal static class StepInput
{
    /// <summary>The step, if every text in it is Unicode and every number finite.</summary>
    /// <param name="input">The step.</param>
    /// <exception cref="UserErrorException">It holds half a character, such as <c>"\ud800"</c>, or a number such as <c>1e999</c>.</exception>
    internal static JsonElement Sound(JsonElement input)
    {
        try
        {
            JsonRecord.RequireSound(input);
            return input;
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"step: {e.Message.TrimEnd('.')}; send another.", e);
        }
    }
}
