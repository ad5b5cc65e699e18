using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Unroll.Serving.Browser.Tests;

/// <summary>Each panel, as somebody uses it.</summary>
public sealed partial class PanelTests(Site site)
{
    [Fact]
    public async Task A_language_model_begins_a_session_with_the_first_press_and_writes_on()
    {
        await using Visit visit = await site.Open("text");
        await visit.Expect("#about", "no session yet");
        await visit.Example();
        Assert.Equal(60, await visit[".transcript .drawn"].CountAsync());
        Assert.Equal(5, await visit["#panel .odds dt"].CountAsync());

        await visit.Field("Text to feed").FillAsync("the cat");
        await visit.Button("Feed text").ClickAsync();
        await visit.Until("#about", text => text.Contains("step 62"), "the text is a step");
        await visit.Expect(".transcript", "the cat");
        await visit.Until(
            "#panel", text => Regex.IsMatch(text, @"Surprise of the text read: [0-9.]+ nats \([0-9.]+ per character\)"), "it is measured");
        await visit.Field("Symbols to write").FillAsync("5");
        await visit.Button("Continue writing").ClickAsync();
        await visit.Until("#about", text => text.Contains("step 67"), "5 symbols more are written");
        Assert.Equal(65, await visit[".transcript .drawn"].CountAsync());
    }

    [Fact]
    public async Task A_new_session_has_the_sampling_that_was_chosen()
    {
        await using Visit visit = await site.Open("text");
        await visit.Example();
        await visit["#panel summary"].ClickAsync();
        await visit.Field("Temperature").FillAsync("0");
        await visit.Button("New session with these").ClickAsync();
        await visit.Until("#about", text => text.Contains("step 0"), "it begins");
        await visit.Field("Symbols to write").FillAsync("40");
        await visit.Button("Continue writing").ClickAsync();
        await visit.Until("#about", text => text.Contains("step 40"), "it writes");
        string written = await visit[".transcript"].InnerTextAsync();
        await visit.Button("New session with these").ClickAsync();
        await visit.Until("#about", text => text.Contains("step 0"), "it begins anew");
        await visit.Button("Continue writing").ClickAsync();
        await visit.Until("#about", text => text.Contains("step 40"), "it writes again");
        Assert.Equal(written, await visit[".transcript"].InnerTextAsync());          // always the most probable symbol
    }

    [Fact]
    public async Task Words_are_labeled_as_they_are_typed_and_taken_when_that_is_asked()
    {
        await using Visit visit = await site.Open("orders");
        await visit.Field("Text; its words are labeled as you type").FillAsync("please send five lamps");
        await visit.Until("#panel .words", text => Regex.Count(text, "COUNT") == 1 && text.Contains("THING"), "each word has its label");
        Assert.Equal(4, await visit["#panel .words tbody tr"].CountAsync());
        await visit.Expect("#about", "step 0");                                   // what is typed is only looked at
        await visit.Button("Commit these words").ClickAsync();
        await visit.Until("#about", text => text.Contains("step 4"), "it is taken");
    }

    [Fact]
    public async Task A_classifier_without_sessions_labels_the_whole_text()
    {
        await using Visit visit = await site.Open("film");
        await visit.Field("Text; its words are labeled as you type").FillAsync("a boring film");
        await visit.Until("#panel .words", text => text.Contains("a boring film") && text.Contains("likes"), "the text has a label");
        await visit.Expect("#about", "no sessions");
        await Expect(visit["#sessions"]).ToBeHiddenAsync();
        await visit.Until("#glass", text => text.Contains("Gate or state"), "its gates are shown");
    }

    [Fact]
    public async Task A_forecast_moves_with_the_keys_with_what_is_pasted_and_with_the_pointer()
    {
        await using Visit visit = await site.Open("sales");
        string first = await visit.Until("#panel [role=status]", text => text.Contains("between"), "there is a forecast");
        await visit[".editor"].FocusAsync();
        await visit.Page.Keyboard.PressAsync("PageUp");
        string lifted = await visit.Until("#panel [role=status]", text => text.Contains("between") && Forecast(text) != Forecast(first), "it moves");
        Assert.True(Row(lifted) > Row(first));

        await visit["#panel summary"].First.ClickAsync();
        await visit.Page.GetByLabel("A row a line: units").FillAsync(string.Join('\n', Enumerable.Range(30, 19)));
        await visit.Button("Use these rows").ClickAsync();
        string pasted = await visit.Until(
            "#panel [role=status]", text => text.StartsWith("Row 19 is 48.") && text.Contains("between"), "19 rows");
        LocatorBoundingBoxResult box = (await visit[".editor"].BoundingBoxAsync())!;
        await visit.Page.Mouse.MoveAsync(box.X + box.Width * 0.4f, box.Y + box.Height * 0.75f);
        await visit.Page.Mouse.DownAsync();
        await visit.Page.Mouse.MoveAsync(box.X + box.Width * 0.6f, box.Y + box.Height * 0.7f, new MouseMoveOptions { Steps = 5 });
        await visit.Page.Mouse.UpAsync();
        await visit.Until(
            "#panel [role=status]", text => text.Contains("between") && Forecast(text) != Forecast(pasted), "it moves with the pointer");
    }

    [Fact]
    public async Task The_forecast_that_is_shown_is_the_one_that_the_session_gives()
    {
        await using Visit visit = await site.Open("sales");
        string text = await visit.Until("#panel [role=status]", text => text.Contains("between"), "there is a forecast");
        await visit.Button("Commit these rows to the session").ClickAsync();
        await visit.Until("#about", about => !about.Contains("step 0"), "they are taken");
        string name = await visit.Page.EvaluateAsync<string>(
            "Object.entries(sessionStorage).find(([key]) => key.startsWith('unroll-session sales'))[1]");
        using SessionHandle session = site.Host.Open("", name);
        string answer = System.Text.Encoding.UTF8.GetString((await session.StatusAsync()).Last.Answer.Span);
        double[] forecasts = [.. Regex.Matches(answer, "\"forecast\":([-0-9.E+]+)")
            .Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Contains(forecasts.TakeLast(3), value => Math.Abs(value - Forecast(text)) < 0.001 * Math.Abs(value));
    }

    [Fact]
    public async Task A_sound_is_heard_from_a_file_and_from_the_microphone()
    {
        await using Visit visit = await site.Open("tones");
        await visit.Button("Try three tones").ClickAsync();
        await visit.Until("#panel", text => text.Contains("The whole sound:"), "three tones are heard");
        string file = Path.Combine(Path.GetTempPath(), $"unroll-{Guid.NewGuid():N}.wav");
        try
        {
            Unroll.Tasks.Data.Audio.WavFile.Write(file, [.. SmallModels.Tone(1500, 1300), .. SmallModels.Tone(400, 1300)], 8000);
            await visit.Field("A WAV file").SetInputFilesAsync(file);
            await visit.Until("#panel", text => text.Contains("0.33 s)"), "the file is recognized as a whole");
            await visit.Until("#about", text => text.Contains("step 5"), "four pieces and the end");
        }
        finally
        {
            File.Delete(file);
        }
        await visit.Button("Use the microphone").ClickAsync();
        await visit.Until("#about", text => Step(text) is > 5, "pieces of the microphone are heard");
        await visit.Button("Stop listening").ClickAsync();
        await Expect(visit.Button("Use the microphone")).ToBeVisibleAsync();
        await visit.Until("#panel", text => text.Contains("The whole sound:"), "it is recognized as a whole");
    }

    [Theory]
    [InlineData("chords")]
    [InlineData("keys")]
    public async Task Music_is_composed_drawn_and_played(string model)
    {
        await using Visit visit = await site.Open(model);
        await visit.Expect("#about", "no session yet");
        await visit.Button("Compose").ClickAsync();
        await visit.Until("#panel [role=status]", text => text.StartsWith("32 steps"), "it composes");
        int notes = await visit[".roll .note"].CountAsync();
        Assert.True(notes > 0);
        await visit.Field("Steps to compose").FillAsync("8");
        await visit.Field("Tempo").FillAsync("20");                                   // it plays for longer than the test takes
        await visit.Button("Compose and play").ClickAsync();
        await visit.Until("#panel [role=status]", text => text.StartsWith("40 steps"), "it composes on");
        Assert.True(await visit[".roll .note"].CountAsync() > notes);
        await Expect(visit[".roll .now"]).ToHaveAttributeAsync("visibility", "visible");
        await visit.Button("■ Stop playing").ClickAsync();
        await Expect(visit[".roll .now"]).ToHaveAttributeAsync("visibility", "hidden");
        await visit.Button("▶ Play").ClickAsync();
        await Expect(visit[".roll .now"]).ToHaveAttributeAsync("visibility", "visible");
    }

    [Fact]
    public async Task A_tune_is_written_in_symbols_and_heard()
    {
        await using Visit visit = await site.Open("tunes");
        await visit.Field("Temperature").FillAsync("0");                              // always the most probable symbol: no chance in it
        await visit.Button("Compose").ClickAsync();
        await visit.Until("#panel [role=status]", text => Regex.IsMatch(text, "[1-9][0-9]* symbols, [1-9][0-9]* notes"), "it has notes");
        await visit.Expect(".transcript", "M:4/4");
        Assert.True(await visit[".roll .note"].CountAsync() > 0);
    }

    private static double Forecast(string text) => Number(text, @"forecast as (-?[0-9.]+)");

    private static double Row(string text) => Number(text, @"is (-?[0-9.]+)\. The");

    private static double Step(string text) => Number(text, @"step ([0-9]+)");

    private static double Number(string text, string pattern) =>
        double.Parse(Regex.Match(text, pattern).Groups[1].Value.TrimEnd('.'), CultureInfo.InvariantCulture);
}
