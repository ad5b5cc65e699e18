using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Unroll.Serving.Browser.Tests;

/// <summary>Models and sessions: what there is, and what can be done with it.</summary>
public sealed class SessionListTests(Site site)
{
    [Fact]
    public async Task Every_model_is_there_with_its_task_and_version_and_can_be_chosen()
    {
        await using Visit visit = await site.Open("text");
        await Expect(visit["#models button"]).ToHaveCountAsync(site.Host.Models.Current.Count);
        string version = site.Host.Models.Find("sales").Weights;
        await visit.Expect("#models", $"session");
        await visit["#models button", "sales"].ClickAsync();
        await visit.Expect("#model-title", "sales: a forecaster");
        await visit.Expect("#about", version[..12]);
        await visit.Expect("#models", version[..8]);
        await Expect(visit["#models button", "sales"]).ToHaveAttributeAsync("aria-current", "true");
    }

    [Fact]
    public async Task A_session_is_begun_forked_rewound_and_ended()
    {
        string name = $"tried-{Guid.NewGuid():N}"[..12];
        await using Visit visit = await site.Open("orders");
        await visit.Until("#about", text => text.Contains("page-"), "the tab has a session");
        await visit.Field("Name (or none)").FillAsync(name);
        await visit.Field("Keep a snapshot every N steps").FillAsync("2");
        await visit.Button("Begin a session").ClickAsync();
        await visit.Expect("#about", $"session {name}, step 0");
        await visit.Button("Commit these words").ClickAsync();
        await visit.Until("#about", text => !text.Contains("step 0"), "words are taken");
        long position = (await Position(name)) - 1;
        await Expect(visit["tr", name].Locator("td").Nth(1)).ToHaveTextAsync($"{position + 1}");

        await visit.Button($"Rewind: session {name}").ClickAsync();
        await visit.Field("Position").SelectOptionAsync("4");
        await visit.Button("Go back").ClickAsync();
        await visit.Expect("#about", $"session {name}, step 4");
        Assert.Equal(4, await Position(name));

        int before = await visit["#session-list tbody tr"].CountAsync();
        await visit.Button($"Fork: session {name}").ClickAsync();
        await Expect(visit["#session-list tbody tr"]).ToHaveCountAsync(before + 1);
        await visit.Button($"Delete: session {name}").ClickAsync();
        await Expect(visit["tr", name]).ToHaveCountAsync(0);
        Assert.Throws<ServingException>(() => site.Host.Open("", name));
    }

    [Fact]
    public async Task A_snapshot_is_saved_to_a_file_and_restored_from_it()
    {
        string name = $"saved-{Guid.NewGuid():N}"[..12];
        await using Visit visit = await site.Open("orders");
        await visit.Until("#about", text => text.Contains("page-"), "the tab has a session");
        await visit.Field("Name (or none)").FillAsync(name);
        await visit.Button("Begin a session").ClickAsync();
        await visit.Expect("#about", $"session {name}, step 0");
        await visit.Field("Text; its words are labeled as you type").FillAsync("please send");
        await visit.Button("Commit these words").ClickAsync();
        await visit.Expect("#about", "step 2");
        IDownload download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button($"Save: session {name}").ClickAsync());
        Assert.Equal($"{name}.snapshot", download.SuggestedFilename);
        string file = await download.PathAsync();
        await visit.Button("Commit these words").ClickAsync();
        await visit.Expect("#about", "step 4");
        IFileChooser chooser = await visit.Page.RunAndWaitForFileChooserAsync(() => visit.Button($"Restore: session {name}").ClickAsync());
        await chooser.SetFilesAsync(file);
        await visit.Expect("#about", "step 2");
        Assert.Equal(2, await Position(name));
    }

    [Fact]
    public async Task A_session_that_keeps_nothing_says_what_to_do()
    {
        await using Visit visit = await site.Open("orders");
        string about = await visit.Until("#about", text => text.Contains("page-"), "the tab has a session");
        string name = Regex.Match(about, "page-[a-z0-9]+").Value;
        await visit.Button($"Rewind: session {name}").ClickAsync();
        await visit.Expect("#problem", "keeps no snapshots to go back to. Begin a session that keeps one");
    }

    [Fact]
    public async Task The_same_tab_goes_on_with_its_session()
    {
        await using Visit visit = await site.Open("text");
        await visit.Example();
        string about = await visit["#about"].InnerTextAsync();
        await visit.Page.ReloadAsync();
        await visit.Until("#about", text => text.Contains("step 61"), "it is the same session");
        await visit.Expect("#about", Regex.Match(about, "page-[a-z0-9]+").Value);
        await visit.Expect("#panel", "has taken 61 steps before");
    }

    [Fact]
    public async Task A_session_of_which_nothing_was_asked_ends_with_its_page()
    {
        await using Visit visit = await site.Open("orders");
        string about = await visit.Until("#about", text => text.Contains("page-"), "the tab has a session");
        string name = Regex.Match(about, "page-[a-z0-9]+").Value;
        site.Host.Open("", name).Dispose();
        visit.Allowed.Add("SecurityError");                              // an empty page has no storage
        await visit.Page.GotoAsync("about:blank");
        for (int i = 0; i < 100 && site.Host.SessionsOf("", "orders").Any(session => session.Name == name); i++) await Task.Delay(50);
        Assert.DoesNotContain(site.Host.SessionsOf("", "orders"), session => session.Name == name);
    }

    private async Task<long> Position(string name)
    {
        using SessionHandle session = site.Host.Open("", name);
        return (await session.StatusAsync()).Position;
    }
}
