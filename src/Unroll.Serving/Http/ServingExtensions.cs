using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Unroll.Core;
using Unroll.Serving.Stores;

namespace Unroll.Serving.Http;

/// <summary>Models and their sessions in a program of ASP.NET Core.</summary>
/// <example><code>
/// builder.Services.AddUnroll(options => options.Models["tagger"] = "runs/tags/model.safetensors");
/// app.MapUnroll();
/// </code></example>
public static class ServingExtensions
{
    /// <summary>Adds a <see cref="SessionHost"/>, which ends with the program and saves what is to be kept.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Says what is served; null: models are added to <see cref="SessionHost.Models"/>.</param>
    public static IServiceCollection AddUnroll(this IServiceCollection services, Action<ServingOptions>? configure = null)
    {
        ServingOptions options = new();
        configure?.Invoke(options);
        services.AddSingleton(options);
        services.AddSingleton(provider => Begin(options, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<Api>();
        services.AddHostedService<Lifetime>();
        return services;
    }

    /// <summary>Maps the endpoints below <c>/v1</c> and <c>/v2</c>, <c>/health</c>, <c>/metrics</c> and <c>/openapi/v1.json</c>.</summary>
    /// <param name="endpoints">The program, or a group of its endpoints.</param>
    public static IEndpointConventionBuilder MapUnroll(this IEndpointRouteBuilder endpoints) =>
        endpoints.ServiceProvider.GetRequiredService<Api>().Map(endpoints);

    private static SessionHost Begin(ServingOptions options, ILoggerFactory logs)
    {
        SessionHost host = new(options.Store is { } path ? new SqliteStore(path) : null, options.Limits, logs.CreateLogger(ServingFigures.Name));
        foreach ((string name, string file) in options.Models) host.Models.Load(name, file);
        return host;
    }

    // What is wrong with models, store or keys is said when the program starts, not at the first request.
    private sealed class Lifetime(Api api) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            if (await api.Host.StopAsync() is var lost and > 0)
                throw new UserErrorException($"the store is away: {lost} sessions could not be saved.");
        }
    }
}
