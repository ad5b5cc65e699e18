using Unroll.Layers;
using Unroll.Networks;
using Unroll.Serving.Sessions;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Dispatch;

/// <summary>One look of a model's networks at a row of many sessions, and the memory for it.</summary>
internal sealed class Rounds
{
    private readonly ITaskModel _model;
    private readonly int _most, _inputs, _outputs;
    private readonly StepBatch?[] _batches;                  // of each member; made when a session first has a row
    private readonly State[][] _states;                      // [members][most]
    private readonly Request[] _rows;
    private readonly float[] _x, _y;

    /// <summary>Takes the memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="most">The most sessions of a round.</param>
    public Rounds(ITaskModel model, int most)
    {
        (_model, _most, _inputs, _outputs) = (model, most, model.Network.InputSize, model.Network.OutputSize);
        _batches = new StepBatch?[model.Members.Count];
        _states = [.. model.Members.Select(_ => new State[most])];
        (_rows, _x, _y) = (new Request[most], new float[most * _inputs], new float[most * _outputs]);
    }

    /// <summary>One round: those whose request is over leave, all others step.</summary>
    /// <param name="active">Requests that are being taken: those that are over leave, those that find no room come first next time.</param>
    /// <param name="loop">Whose they are.</param>
    /// <param name="figures">What is counted.</param>
    public void Run(Queue<Request> active, Dispatcher loop, ServingFigures figures)
    {
        int rows = 0;
        for (int left = active.Count; left > 0 && rows < _most; left--)
        {
            Request request = active.Dequeue();
            if (!loop.Next(request, _x.AsSpan(rows * _inputs, _inputs))) continue;
            _rows[rows++] = request;
            active.Enqueue(request);
        }
        if (rows == 0) return;
        figures.Round(rows);
        int members = _model.Members.Count;
        for (int k = 0; k < members; k++)
        {
            for (int r = 0; r < rows; r++) _states[k][r] = Ensemble.StateOf(_rows[r].Seat.Session.Network!, k, members);
            (_batches[k] ??= new StepBatch(_model.Members[k].Network, _most))
                .Step(_x.AsSpan(0, rows * _inputs), _states[k].AsSpan(0, rows), _y.AsSpan(0, rows * _outputs));
            for (int r = 0; r < rows; r++) _rows[r].Seat.Session.Take(k, _y.AsSpan(r * _outputs, _outputs));
        }
    }
}
