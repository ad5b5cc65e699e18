using System.CommandLine;
using System.CommandLine.Help;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Unroll.Core;
using Unroll.Files;
using Unroll.Serving;
using Unroll.Serving.Http;

namespace Unroll.Serve;

/// <summary><c>unroll serve MODEL… [--urls URL]</c>.</summary>
internal static class ServeCommand
{
    internal static Command Make()
    {
        Argument<string[]> models = new("MODEL")
        {
            Description = "model files written by training runs, each runs/NAME/model.safetensors, served as NAME, or NAME=FILE",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string> urls = new("--urls") { HelpName = "URL", Description = "where to listen", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        Option<string?> store = new("--store") { HelpName = "FILE", Description = "a file for durable sessions (default: none are)" };
        Option<string?> keys = new("--keys")
        {
            HelpName = "FILE", Description = "API keys, a line OWNER KEY each; needed where others than this machine ask",
        };
        Option<string?> runs = new("--runs")
        {
            HelpName = "FOLDER", Description = "show the training runs of a folder on the page, as they go",
        };
        Option<int> sessions = new("--sessions")
        {
            HelpName = "N", Description = "sessions in memory at most", DefaultValueFactory = _ => new ServingLimits().Sessions,
        };
        Option<double> idle = new("--idle")
        {
            HelpName = "MINUTES", Description = "how long a session may rest in memory", DefaultValueFactory = _ => 30,
        };
        Option<int> connections = new("--connections")
        {
            HelpName = "N", Description = "connections at most", DefaultValueFactory = _ => Connections.Usual,
        };
        Option<double> time = new("--time") { HelpName = "SECONDS", Description = "how long an answer may take", DefaultValueFactory = _ => 60 };
        // Not a RootCommand: that one is called after the file that runs, which is not what anyone types.
        Command command = new("unroll-serve", "Serve models and their streaming sessions over HTTP.")
        {
            models, urls, store, keys, runs, sessions, idle, connections, time, new HelpOption(), new VersionOption(),
        };
        command.SetAction(async (parsed, stop) =>
        {
            WebApplication app = Build(parsed.GetValue(urls)!, options =>
            {
                foreach (string model in parsed.GetValue(models)!) Add(options, model);
                options.Runs = RunsOf(parsed.GetValue(runs), options);
                options.Store = parsed.GetValue(store);
                if (parsed.GetValue(keys) is { } file) Keys(options, file);
                options.Limits = options.Limits with { Sessions = parsed.GetValue(sessions), Idle = Minutes(parsed.GetValue(idle)) };
                options.Limits = options.Limits with { Time = Seconds(parsed.GetValue(time)) };
            }, Most(parsed.GetValue(connections)));
            await Run(app, parsed.GetValue(urls)!, stop);
            return 0;
        });
        return command;
    }

    private static async Task Run(WebApplication app, string urls, CancellationToken stop)
    {
        try
        {
            await ((IHost)app).RunAsync(stop);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new UserErrorException($"{urls}: address already in use; choose another with --urls.");
        }
    }

    internal static WebApplication Build(string urls, Action<ServingOptions> configure, int connections = Connections.Usual)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter(ServingFigures.Name, LogLevel.Information)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);   // what it would say is thrown as well
        ServingOptions? configured = null;
        builder.Services.AddUnroll(options => configure(configured = options));
        RequireKeys(urls, configured!);
        builder.WebHost.UseUrls(urls);
        builder.WebHost.ConfigureKestrel(kestrel => Connections.Limit(kestrel, connections, configured!.Limits, configured.BodyBytes));
        WebApplication app = builder.Build();
        app.MapUnroll();
        return app;
    }

    // What others can reach needs keys.
    private static void RequireKeys(string urls, ServingOptions options)
    {
        foreach (string url in urls.Split(';'))
        {
            BindingAddress address;
            try
            {
                address = BindingAddress.Parse(url);
            }
            catch (FormatException)
            {
                throw new UserErrorException($"--urls: expected an address such as http://127.0.0.1:8080, got '{url}'.");
            }
            bool local = address.Host is "localhost"
                || IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip);
            if (!local && options.Keys.Count == 0)
                throw new UserErrorException($"--urls: others than this machine can reach '{url}', so requests need keys; give a file with --keys.");
        }
    }

    private static string? RunsOf(string? folder, ServingOptions options)
    {
        if (folder is null && options.Models.Count == 0)
            throw new UserErrorException(
                "expected a model file such as runs/NAME/model.safetensors, or --runs with a folder of training runs; got neither.");
        if (folder is not null && !Folder.Exists(folder))
            throw new UserErrorException($"--runs: there is no folder '{folder}'; give that in which training runs are.");
        return folder;
    }

    private static void Add(ServingOptions options, string model)
    {
        (string name, string file) = model.Split('=', 2) is [var given, var path] ? (given, path) : (NameOf(model), model);
        if (!options.Models.TryAdd(name, file)) throw new UserErrorException($"two models are called '{name}'; give one another name: OTHER={file}.");
    }

    // The run's name, where a run wrote the file.
    private static string NameOf(string file) =>
        Path.GetFileName(file) == "model.safetensors" && Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))) is { Length: > 0 } run ? run
            : Path.GetFileNameWithoutExtension(file);

    private static void Keys(ServingOptions options, string file)
    {
        foreach ((int i, string line) in File.ReadAllLines(file).Index())
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var owner, var key] || !options.Keys.TryAdd(owner, key))
                throw new UserErrorException($"{file}, line {i + 1}: expected an owner's name and a key, each owner once.");
        }
        if (options.Keys.Count == 0) throw new UserErrorException($"{file}: expected lines with an owner's name and a key, found none.");
    }

    private static TimeSpan Minutes(double minutes) =>
        minutes is > 0 and <= 30_000 ? TimeSpan.FromMinutes(minutes)
            : throw new UserErrorException($"--idle: expected minutes above 0 and up to 30000, got {minutes}.");

    private static TimeSpan Seconds(double seconds) =>
        seconds is > 0 and <= 1e6 ? TimeSpan.FromSeconds(seconds)
            : throw new UserErrorException($"--time: expected seconds above 0 and up to 1000000, got {seconds}.");

    private static int Most(int connections) =>
        connections > 0 ? connections : throw new UserErrorException($"--connections: expected at least 1, got {connections}.");
}
