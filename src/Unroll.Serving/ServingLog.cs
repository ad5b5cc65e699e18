using Microsoft.Extensions.Logging;

namespace Unroll.Serving;

/// <summary>What is written to the log.</summary>
internal static partial class ServingLog
{
    [LoggerMessage(1, LogLevel.Error, "The store of sessions is away: {Rows} rows were not written.")]
    public static partial void StoreAway(ILogger log, int rows, Exception problem);

    [LoggerMessage(2, LogLevel.Error, "A step of a session failed.")]
    public static partial void StepFailed(ILogger log, Exception problem);

    [LoggerMessage(3, LogLevel.Warning, "A session of {Model} has another owner now and was let go.")]
    public static partial void Taken(ILogger log, string model);

    [LoggerMessage(4, LogLevel.Information, "The model {Model} is there, with the weights {Weights}.")]
    public static partial void Loaded(ILogger log, string model, string weights);
}
