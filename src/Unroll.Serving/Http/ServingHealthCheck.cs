using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Unroll.Serving.Http;

/// <summary>
/// How a server is, for the health checks of ASP.NET Core: unhealthy where it is stopping, degraded while the last commit of the store has
/// failed.
/// </summary>
/// <param name="host">The server.</param>
internal sealed class ServingHealthCheck(SessionHost host) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> data = new()
        {
            ["models"] = host.Models.Current.Count, ["sessions"] = host.Sessions, ["commit_failures"] = host.Writer?.Failures ?? 0,
        };
        return Task.FromResult(host.Stopping ? new HealthCheckResult(context.Registration.FailureStatus, "the server is stopping", data: data)
            : host.Writer?.IsAway == true ? HealthCheckResult.Degraded("the store of sessions is away", data: data)
            : HealthCheckResult.Healthy(data: data));
    }
}

/// <summary>Health checks of a program that serves models.</summary>
public static class ServingHealthChecks
{
    /// <summary>Adds the check <c>unroll</c>.</summary>
    /// <param name="checks">What <c>services.AddHealthChecks()</c> returned.</param>
    /// <param name="name">What it is called.</param>
    public static IHealthChecksBuilder AddUnroll(this IHealthChecksBuilder checks, string name = "unroll")
    {
        checks.Services.AddSingleton<ServingHealthCheck>();
        return checks.Add(new HealthCheckRegistration(name, provider => provider.GetRequiredService<ServingHealthCheck>(), null, null));
    }
}
