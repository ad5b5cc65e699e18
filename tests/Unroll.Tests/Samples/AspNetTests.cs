using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Unroll.Samples.AspNet;
using Unroll.Tasks.Forecast;

namespace Unroll.Tests.Samples;

/// <summary>The service of samples/aspnet, asked through its port.</summary>
public sealed class AspNetTests : IAsyncLifetime
{
    private WebApplication _service = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        ForecastModel model = Program.Train(epochs: 2);
        _service = Program.Build(model, "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=None");
        await _service.StartAsync(TestContext.Current.CancellationToken);
        _client = new HttpClient { BaseAddress = new Uri(_service.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    private async Task<string> Ask(Row[] rows, string query = "")
    {
        using HttpResponseMessage response = await _client.PostAsJsonAsync($"/forecast{query}", rows);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
    }

    [Fact]
    public async Task Rows_are_answered_with_a_forecast()
    {
        string answer = await Ask(Program.Sales(200), "?horizon=3");
        Assert.StartsWith("200 ", answer);
        JsonElement[] points = [.. JsonDocument.Parse(answer[4..]).RootElement.EnumerateArray()];
        Assert.Equal(3, points.Length);
        Assert.Equal("2025-07-20", points[0].GetProperty("time").GetString());
        Assert.All(points, point => Assert.InRange(point.GetProperty("forecast").GetDouble(),
            point.GetProperty("lower").GetDouble(), point.GetProperty("upper").GetDouble()));
    }

    [Fact]
    public async Task A_hundred_and_twenty_requests_at_once_get_what_each_would_get_alone()
    {
        string[] alone = [await Ask(Program.Sales(200)), await Ask(Program.Sales(201)), await Ask(Program.Sales(202))];
        string[] together = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => Ask(Program.Sales(200 + i % 3))));
        Assert.Equal(3, alone.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 120).Select(i => alone[i % 3]), together);
    }

    [Fact]
    public async Task Too_few_rows_are_refused_in_a_line_that_says_how_many_are_needed()
    {
        string answer = await Ask(Program.Sales(2));
        Assert.StartsWith($"{(int)HttpStatusCode.BadRequest} ", answer);
        Assert.Contains("rows", JsonDocument.Parse(answer[4..]).RootElement.GetProperty("detail").GetString());
    }
}
