using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Unroll.Serving.Browser.Tests;
using Unroll.Serving.Http;
using Unroll.Tasks.Shared;

[assembly: AssemblyFixture(typeof(Site))]

namespace Unroll.Serving.Browser.Tests;

/// <summary>A browser, and a server of small models that all tests visit. Without a browser the tests are skipped, with the reason.</summary>
public sealed class Site : IAsyncLifetime
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];
    private readonly Lazy<IReadOnlyList<(string Name, ITaskModel Model)>> _models = new(SmallModels.All);
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _context;                       // one for all: what a tab keeps is its own, and files are read once
    private WebApplication? _server;
    private string _missing = "";

    internal string Address => _server!.Urls.Single();

    internal SessionHost Host => _server!.Services.GetRequiredService<SessionHost>();

    public async ValueTask InitializeAsync()
    {
        if (Browser() is not { } path)
        {
            _missing = "there is no Chromium on this machine; install chromium, or name one in UNROLL_BROWSER";
            return;
        }
        try
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = path,
                Args =
                [
                    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                ],
            });
        }
        catch (PlaywrightException e)
        {
            _missing = $"the browser does not start: {e.Message.Split('\n')[0]}";
            return;
        }
        _context = await _browser.NewContextAsync(new BrowserNewContextOptions { AcceptDownloads = true });
        _server = await Serve(0);
    }

    /// <summary>A server of all models, or of those that are named.</summary>
    internal async Task<WebApplication> Serve(int port, Action<ServingOptions>? configure = null, params string[] only)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddUnroll(configure);
        WebApplication app = builder.Build();
        app.MapUnroll();
        app.Urls.Add($"http://127.0.0.1:{port}");
        SessionHost host = app.Services.GetRequiredService<SessionHost>();
        foreach ((string name, ITaskModel model) in _models.Value)
            if (only.Length == 0 || only.Contains(name)) host.Models.Add(name, model);
        await app.StartAsync();
        return app;
    }

    /// <summary>Opens the page with a model chosen, as somebody does who comes for the first time.</summary>
    internal async Task<Visit> Open(
        string model, int width = 1280, ColorScheme scheme = ColorScheme.Light, string? address = null, bool waits = true)
    {
        Assert.SkipWhen(_missing.Length > 0, _missing);
        IPage page = await _context!.NewPageAsync();
        await page.SetViewportSizeAsync(width, 900);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
        await page.AddInitScriptAsync($"if (!sessionStorage.getItem('unroll-model')) sessionStorage.setItem('unroll-model', '{model}');");
        page.SetDefaultTimeout(15_000);
        Visit visit = new(page, address ?? Address);
        await page.GotoAsync(address ?? Address);
        if (waits) await Assertions.Expect(page.Locator("#model-title")).ToContainTextAsync(model);
        return visit;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    private static string? Browser()
    {
        if (Environment.GetEnvironmentVariable("UNROLL_BROWSER") is { Length: > 0 } named) return named;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return s_names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}

/// <summary>A visit to the page: what the browser said and asked for meanwhile.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly List<string> _said = [], _elsewhere = [];

    public Visit(IPage page, string address)
    {
        Page = page;
        page.Console += (_, message) => _said.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => _said.Add($"error: {error}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address, StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
                _elsewhere.Add(request.Url);
        };
    }

    public IPage Page { get; }

    public ILocator this[string selector] => Page.Locator(selector);

    public ILocator this[string selector, string text] => Page.Locator(selector, new PageLocatorOptions { HasText = text });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Field(string name) => Page.GetByLabel(name, new PageGetByLabelOptions { Exact = true });

    public Task Expect(string selector, string text) => Assertions.Expect(Page.Locator(selector)).ToContainTextAsync(text);

    /// <summary>Has a language model read the 4 symbols that are there, a step, and write 60.</summary>
    public async Task Example()
    {
        await Button("Feed text").ClickAsync();
        await Until("#about", text => text.Contains("step 1"), "it has read");
        await Button("Continue writing").ClickAsync();
        await Until("#about", text => text.Contains("step 61"), "it has written");
    }

    /// <summary>Waits until a text of the page is what it should be.</summary>
    public async Task<string> Until(string selector, Func<string, bool> holds, string what)
    {
        string text = "";
        for (int i = 0; i < 300; i++)
        {
            text = await Page.Locator(selector).InnerTextAsync();
            if (holds(text)) return text;
            await Task.Delay(50);
        }
        Assert.Fail($"{selector}: {what}; found '{text}'");
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        string trouble = await Page.Locator("#problem").CountAsync() > 0 ? await Page.Locator("#problem").TextContentAsync() ?? "" : "";
        await Page.CloseAsync();
        string[] said = [.. _said.Where(line => !Allowed.Any(line.Contains))];
        Assert.True(said.Length == 0, $"{string.Join('\n', said)}\nproblem shown: {trouble}");
        Assert.Empty(_elsewhere);
    }

    /// <summary>What a test expects the browser to say.</summary>
    public List<string> Allowed { get; } = [];
}
