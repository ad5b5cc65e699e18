using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace Unroll.Serving.Browser.Tests;

/// <summary>The glass box: gates over time, which inputs counted, what a change would do.</summary>
public sealed class GlassBoxTests(Site site)
{
    [Fact]
    public async Task Gates_are_shown_as_a_map_and_as_the_curves_of_a_unit()
    {
        await using Visit visit = await site.Open("text");
        await visit.Example();
        await Expect(visit["#glass .map canvas"].First).ToBeVisibleAsync();
        await Expect(visit["#glass .map"].First).ToHaveAttributeAsync("aria-label", "Map of i (input gate) of rnn.l0: 8 units at 64 steps");
        await visit.Field("Gate or state").SelectOptionAsync("f");
        await Expect(visit["#glass .map"].First).ToHaveAttributeAsync("aria-label", new Regex(@"Map of f \(forget gate\) of "));
        await visit.Field("Unit").FillAsync("5");
        await Expect(visit["#glass .curves"].First).ToHaveAttributeAsync(
            "aria-label", new Regex(@"Curves of unit 5: i is -?[0-9.e-]+, f is .*h is "));
        Assert.True(await Colors(visit) > 20);
    }

    [Fact]
    public async Task Watching_can_be_switched_off_and_what_was_seen_forgotten()
    {
        await using Visit visit = await site.Open("text");
        await visit.Example();
        await visit.Field("Watch every step as it is taken").UncheckAsync();
        await visit.Button("Clear").ClickAsync();
        await visit.Expect("#glass", "Steps that are taken are shown here");
        await visit.Button("Feed text").ClickAsync();
        await visit.Until("#about", text => text.Contains("step 62"), "it reads");
        await visit.Expect("#glass", "Steps that are taken are shown here");
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("film")]
    [InlineData("text")]
    public async Task Inputs_that_counted_are_shaded_and_each_output_can_be_explained(string model)
    {
        await using Visit visit = await site.Open(model);
        if (model == "text") await visit.Example();
        await visit.Until("#glass", text => text.Contains("depended most on"), "the last output is explained");
        if (model == "text")                                             // it is the one that comes next
            await visit.Expect("#glass", $"after {await visit["#glass .steps button"].Last.InnerTextAsync()} (symbol 64), " +
                $"{await visit["#panel .odds dt"].First.InnerTextAsync()}, depended");
        Assert.True(await visit["#glass .steps button"].CountAsync() > 3);
        if (model == "film") return;                                     // there is one output
        await visit["#glass .steps button"].Nth(1).ClickAsync();
        await visit.Until("#glass", text => text.Contains(model == "text" ? "(symbol 1), " : "(word 2), "), "the output there is explained");
        await Expect(visit["#glass .steps button"].Nth(1)).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.Contains("--a: 0", await visit["#glass .steps button"].Nth(3).GetAttributeAsync("style"));      // what comes later cannot count
    }

    [Theory]
    [InlineData("sales")]
    [InlineData("chords")]
    public async Task Rows_and_steps_that_counted_are_drawn_as_a_curve(string model)
    {
        await using Visit visit = await site.Open(model);
        if (model == "chords") await visit.Button("Compose").ClickAsync();
        await visit.Until("#glass", text => text.Contains("depended most on"), "it is explained");
        await Expect(visit["#glass .curves canvas"].Last).ToBeVisibleAsync();
        await visit.Until("#glass", text => text.Contains("Gate or state"), "there are gates to see");
    }

    [Fact]
    public async Task A_changed_word_is_compared_with_the_word_as_it_was()
    {
        await using Visit visit = await site.Open("orders");
        await visit.Field("Text; its words are labeled as you type").FillAsync("please send five lamps");
        await visit.Until("#panel .words", text => text.Contains("COUNT"), "labels are there");
        await visit.Field("Instead of").FocusAsync();
        await visit.Field("Instead of").SelectOptionAsync("2");
        await visit.Field("read").FillAsync("lamps");
        await visit.Button("Compare").ClickAsync();
        string outcome = await visit.Until(
            "#glass", text => Regex.IsMatch(text, "[1-9] of 2 answers from word 3 on are others"), "the label changes");
        Assert.Contains("Change of h", outcome);
        Assert.Contains("COUNT", await visit["#glass .words tr.changed"].First.InnerTextAsync());
        await visit.Expect("#about", "step 0");                       // the session itself has read nothing
    }

    // How many colors the map has: it is not empty.
    private static Task<int> Colors(Visit visit) => visit.Page.EvaluateAsync<int>("""
        () => {
          const canvas = document.querySelector('#glass .map canvas'), context = canvas.getContext('2d');
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          const colors = new Set();
          for (let i = 0; i < data.length; i += 4) colors.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
          return colors.size;
        }
        """);
}
