using System.Diagnostics;
using Microsoft.Extensions.Primitives;
using Unroll.Core;
using Unroll.Serving.Models;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Http;

/// <summary>Predictions of whole sequences: at most as many at once as the machine has cores; the others wait.</summary>
internal sealed class Predictions(SessionHost host)
{
    private readonly SemaphoreSlim _cores = new(Environment.ProcessorCount);
    private int _open;

    /// <summary>Asks a model, as <c>predict</c> does.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Data as a file has them.</param>
    /// <param name="options">The options of <c>predict</c>, but for those that name files.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="UserErrorException">The data or an option are none of this model, or too many predictions wait.</exception>
    public async Task<TaskAnswer> Ask(
        ServedModel model, byte[] data, IEnumerable<KeyValuePair<string, StringValues>> options, CancellationToken stop)
    {
        host.RequireRunning();
        TaskVerb verb = TaskList.Find(model.Model.Task).Predict;
        object asked = Options(verb, model, options);
        TaskCall call = new(DataFiles.Nothing.With(DataFiles.StandardInput, data), Stop: stop);
        using Activity? activity = host.Figures.Activities.StartActivity("unroll.predict");
        activity?.SetTag("unroll.model", model.Name).SetTag("unroll.bytes", data.Length);
        if (Interlocked.Increment(ref _open) > host.Limits.Queue)
        {
            Interlocked.Decrement(ref _open);
            throw new ServingException(Refusal.TooMany, $"{host.Limits.Queue} predictions wait, as many as may; come again later.");
        }
        try
        {
            await _cores.WaitAsync(stop);
            try
            {
                return await Task.Run(() => verb.Ask(model.Model, asked, call), stop);
            }
            catch (OperationCanceledException)
            {
                activity?.SetStatus(ActivityStatusCode.Error, "cancelled");
                throw;
            }
            finally
            {
                _cores.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    // Data come with the request: an option that names a file would read the server's.
    private static object Options(TaskVerb verb, ServedModel model, IEnumerable<KeyValuePair<string, StringValues>> options)
    {
        object asked = verb.Options.Find("data") is null ? verb.Defaults : verb.Options.Parse(verb.Defaults, "data", DataFiles.StandardInput);
        OptionLine[] offered = [.. verb.Options.OfferedBy(model.Model.Task)
            .Where(line => !line.Value.Contains("FILE") && !line.Value.Contains("FOLDER"))];
        foreach ((string name, StringValues values) in options)
        {
            if (!offered.Any(line => line.Name == name))
                throw new ServingException(Refusal.Invalid,
                    $"there is no option '{(name.Length > 40 ? name[..40] + "…" : name)}'"
                    + $"{NearestName.Question(name, [.. offered.Select(line => line.Name)])}"
                    + " of requests for predictions; data are the body.");
            foreach (string? value in values) asked = verb.Options.Parse(asked, name, value ?? "");
        }
        return asked;
    }
}
