using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Unroll.Serving.Sessions;
using static Microsoft.Playwright.Assertions;

namespace Unroll.Serving.Browser.Tests;

/// <summary>What holds of the page as a whole: keys, errors, restarts, hostile texts, screens, keyboards.</summary>
public sealed class PageTests(Site site)
{
    private const string Refused = "Failed to load resource: the server responded with a status of ", Away = "net::ERR_";

    [Fact]
    public async Task A_narrow_screen_has_no_sideways_scroll()
    {
        await using Visit visit = await site.Open("text", width: 360, scheme: ColorScheme.Dark);
        foreach (string model in SmallModels.Names)
        {
            await visit["#models button", model].ClickAsync();
            await visit.Expect("#model-title", model);
            await Ready(visit, model);
            int width = await visit.Page.EvaluateAsync<int>("Math.max(innerWidth, document.documentElement.scrollWidth)");
            Assert.True(width == 360, $"{model}: {width} pixels");
        }
    }

    [Fact]
    public async Task Light_and_dark_have_colors_of_their_own()
    {
        string[] papers = ["", ""];
        foreach ((int i, ColorScheme scheme) in ((ColorScheme[])[ColorScheme.Light, ColorScheme.Dark]).Index())
        {
            await using Visit visit = await site.Open("orders", scheme: scheme);
            papers[i] = await visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        }
        Assert.Equal(["rgb(253, 253, 251)", "rgb(20, 23, 26)"], papers);
    }

    [Fact]
    public async Task Names_and_labels_stay_text()
    {
        await using Visit visit = await site.Open("hostile");
        await visit.Field("Text; its words are labeled as you type").FillAsync($"please send five {SmallModels.Hostile} <b>lamps</b>");
        await visit.Until("#panel .words", text => text.Contains(SmallModels.Hostile) && text.Contains("<b>lamps</b>"), "they are shown as they are");
        await visit.Button("Show which inputs counted").ClickAsync();
        await visit.Until("#glass", text => text.Contains("depended most on") && text.Contains("img"), "and below");
        await visit["#glass .map"].First.HoverAsync();
        Assert.Equal(0, await visit["img, b b, b i"].CountAsync());
        Assert.Equal("Unroll", await visit.Page.TitleAsync());
    }

    [Fact]
    public async Task With_keys_the_page_asks_for_one_and_keeps_it_in_its_tab()
    {
        const string Key = "a-key-of-a-tester";
        WebApplication server = await site.Serve(0, options => options.Keys["tester"] = Key, "orders");
        await using (server)
        {
            await using Visit visit = await site.Open("orders", address: server.Urls.Single(), waits: false);
            visit.Allowed.Add($"{Refused}401");
            await Expect(visit.Field("API key")).ToBeFocusedAsync();
            await Expect(visit["#model"]).ToBeHiddenAsync();
            await visit.Field("API key").FillAsync("a-key-of-nobody-here");
            await visit.Page.Keyboard.PressAsync("Enter");
            await visit.Expect("#problem", "Give the key that belongs to you.");
            await visit.Field("API key").FillAsync(Key);
            await visit.Page.Keyboard.PressAsync("Enter");
            await visit.Expect("#model-title", "orders: a tagger");
            await visit.Until("#panel .words", text => text.Contains('O'), "it works");
            await Expect(visit["#key"]).ToBeHiddenAsync();
            Assert.Equal(0, await visit.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
            Assert.DoesNotContain(Key, visit.Page.Url);
        }
    }

    [Fact]
    public async Task A_session_that_somebody_else_moved_is_told_and_goes_on()
    {
        await using Visit visit = await site.Open("orders");
        visit.Allowed.Add($"{Refused}409");
        string name = await Name(visit);
        using (SessionHandle session = site.Host.Open("", name))
        {
            await session.StepAsync(0, "[\"please\"]"u8.ToArray());
            await session.StepAsync(1, "[\"send\"]"u8.ToArray());
        }
        await visit.Button("Commit these words").ClickAsync();
        await visit.Expect("#problem", "At: the session stands at 2, got 0; go on from there. The page has taken that position over; try again.");
        await visit.Field("Text; its words are labeled as you type").FillAsync("send five");
        await visit.Button("Commit these words").ClickAsync();
        await visit.Expect("#about", "step 4");
        await Expect(visit["#problem"]).ToBeHiddenAsync();
    }

    [Fact]
    public async Task The_page_goes_on_when_the_server_is_back()
    {
        int port = FreePort();
        WebApplication first = await site.Serve(port, null, "orders");
        await using Visit visit = await site.Open("orders", address: first.Urls.Single());
        visit.Allowed.AddRange([Away, $"{Refused}404"]);
        string name = await Name(visit);
        await first.DisposeAsync();
        await visit.Expect("#problem", "The server does not answer.");
        await visit.Expect("#status", "The server does not answer.");
        WebApplication second = await site.Serve(port, null, "orders");
        await using (second)
        {
            await visit.Expect("#problem", $"The session {name} has ended: the server was started anew");
            await visit.Button("Commit these words").ClickAsync();
            await visit.Until(
                "#about", text => text.Contains("page-") && !text.Contains(name) && !text.Contains("step 0"), "a new session goes on");
        }
    }

    [Fact]
    public async Task A_model_that_is_replaced_is_taken_up_in_its_new_version()
    {
        WebApplication server = await site.Serve(0, null, "orders");
        await using (server)
        {
            await using Visit visit = await site.Open("orders", address: server.Urls.Single());
            await Name(visit);
            SessionHost host = server.Services.GetRequiredService<SessionHost>();
            string version = host.Models.Add("orders", SmallModels.Writer()).Weights;
            await visit.Expect("#about", version[..12]);
            await visit.Expect("#model-title", "orders: a language model");
        }
    }

    [Fact]
    public async Task The_keyboard_alone_reaches_everything_in_the_order_of_the_page()
    {
        await using Visit visit = await site.Open("text");
        await visit.Example();
        List<string> walk = [];
        for (int i = 0; i < 150; i++)
        {
            if (i == 0) await visit[".skip"].FocusAsync();
            else await visit.Page.Keyboard.PressAsync("Tab");
            string at = await visit.Page.EvaluateAsync<string>("""
                () => {
                  const one = document.activeElement;
                  if (one === document.body) return '';
                  const seen = getComputedStyle(one), box = one.getBoundingClientRect();
                  const name = one.getAttribute('aria-label') ?? [...(one.labels ?? [])].map(label => label.textContent).join(' ') ?? '';
                  const outline = seen.outlineStyle !== 'none' || one.className === 'skip' ? '' : 'no outline';
                  return `${name || one.textContent}|${outline}|${box.width > 0 ? '' : 'no size'}`;
                }
                """);
            if (at.Length == 0) break;
            walk.Add(at);
        }
        Assert.All(walk, one => Assert.Matches(@"^[^|]*\S[^|]*\|\|$", one.ReplaceLineEndings(" ")));
        string[] order =
        [
            "To the model", "Text to feed", "Feed text", "Symbols to write", "Continue writing", "Layer", "Gate or state",
            "Show which inputs counted", "Instead of", "Compare", "Name (or none)", "Begin a session",
        ];
        int[] places = [.. order.Select(name => walk.FindIndex(one => one.StartsWith(name, StringComparison.Ordinal)))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);

        await visit.Field("Text to feed").FocusAsync();                   // and it works without a pointer
        await visit.Page.Keyboard.PressAsync("Control+A");
        await visit.Page.Keyboard.TypeAsync("a ship");
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Expect("#about", "step 62");
    }

    [Fact]
    public async Task Everything_that_can_be_pressed_or_filled_has_a_name_and_what_changes_is_said()
    {
        await using Visit visit = await site.Open("text");
        foreach (string model in (string[])["sales", "tones", "chords", "text"])
        {
            await visit["#models button", model].ClickAsync();
            await visit.Expect("#model-title", model);
            await Ready(visit, model);
            string[] nameless = await visit.Page.EvaluateAsync<string[]>("""
                () => [...document.querySelectorAll('button, input, select, textarea, [role=img]')].filter(one =>
                  !(one.getAttribute('aria-label') || one.textContent.trim() && one.tagName === 'BUTTON'
                    || one.labels?.length > 0 && one.labels[0].textContent.trim()))
                  .filter(one => one.getClientRects().length > 0).map(one => one.outerHTML.slice(0, 120))
                """);
            Assert.Empty(nameless);
            Assert.Equal("polite", await visit["#status"].GetAttributeAsync("aria-live"));
            Assert.Equal("alert", await visit["#problem"].GetAttributeAsync("role"));
        }
    }

    // What the panel begins with is there.
    private static async Task Ready(Visit visit, string model) => await visit.Until("#panel", text => model switch
    {
        "film" or "hostile" or "orders" => text.Contains(" %"),
        "sales" => text.Contains("between"),
        "text" => text.Contains("a session begins then") || text.Contains("steps before"),
        "tones" => text.Contains("No sound yet"),
        _ => text.Contains("Nothing is composed yet"),
    }, $"{model} has begun");

    private static async Task<string> Name(Visit visit)
    {
        string about = await visit.Until("#about", text => text.Contains("page-"), "the tab has a session");
        await visit.Until("#panel .words", text => text.Contains('O'), "it works");
        return System.Text.RegularExpressions.Regex.Match(about, "page-[a-z0-9]+").Value;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
