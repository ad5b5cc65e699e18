using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Unroll.Samples.Serving;

/// <summary>A client of a server: words from standard input, a label for each as it comes. A reply that got lost is asked for again.</summary>
internal static class Program
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private static async Task<int> Main(string[] args)
    {
        if (args is not [var address, var model])
        {
            await Console.Error.WriteLineAsync("usage: serving ADDRESS MODEL        UNROLL_KEY has the key, if the server wants one");
            return 2;
        }
        using HttpClient http = new() { BaseAddress = new Uri(address) };
        if (Environment.GetEnvironmentVariable("UNROLL_KEY") is { } key)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            JsonNode session = await Ask(() => http.PostAsJsonAsync($"/v1/models/{model}/sessions", new JsonObject()));
            string path = $"/v1/models/{model}/sessions/{session["session"]}";
            long at = 0;
            while (await Console.In.ReadLineAsync() is { } line)
                foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    // at says which step this is: sent twice, it is taken once and answered twice.
                    JsonObject steps = new() { ["at"] = at, ["steps"] = new JsonArray(word) };
                    JsonNode reply = await Ask(() => http.PostAsJsonAsync($"{path}/steps", steps));
                    at = (long)reply["position"]!;
                    Console.WriteLine($"{word}\t{reply["answers"]![0]!["label"]}");
                }
            await http.DeleteAsync(path);
            return 0;
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return 2;
        }
    }

    // Until there is an answer: no connection, too many requests and a store that is away pass.
    private static async Task<JsonNode> Ask(Func<Task<HttpResponseMessage>> send)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                using HttpResponseMessage response = await send();
                JsonNode json = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
                if (response.IsSuccessStatusCode) return json;
                if (tries == 30 || response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                    throw new InvalidOperationException((string?)json["detail"]);
            }
            catch (HttpRequestException) when (tries < 30)
            {
            }
            await Task.Delay(s_pause);
        }
    }
}
