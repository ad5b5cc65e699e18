using Unroll.Core;
using Unroll.Formats;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// y = w·x + b on twelve points, with noise on x that depends on the step's generator and a mean that is carried from batch to batch.
/// </summary>
internal sealed class LineTask : ITrainingTask<int[]>
{
    private readonly float[] _carried = new float[1];
    private readonly Parameter _weight, _bias;

    public LineTask(int inputs = 3)
    {
        _weight = Parameters.Add("line.weight", 1, inputs);
        _bias = Parameters.Add("line.bias", 1);
        using Edit edit = Parameters.Edit();
        for (int i = 0; i < inputs; i++) edit.Values[i] = 0.1f * (i + 1);
    }

    public ParameterStore Parameters { get; } = new();

    public string Model { get; init; } = "{\n  \"inputs\": 3\n}";

    public string Notes => "{}";

    /// <summary>Asked with the number of an <see cref="Accumulate"/> call: whether its loss is NaN.</summary>
    public Func<int, bool> Poison { get; init; } = _ => false;

    /// <summary>The score of an epoch; null: the mean squared error over all points.</summary>
    public Func<int, double>? Score { get; init; }

    public int Calls { get; private set; }

    public int Validations { get; private set; }

    public IReadOnlyList<NamedFloats> CarriedState => [new("mean", _carried)];

    public IReadOnlyList<int[]> Batches(int epoch, Rng random)
    {
        int[] order = new int[12];
        random.Permute(order);
        return [order[..3], order[3..5], [], order[5..9], order[9..]];                   // unequal, and one without anything
    }

    public LossSum Accumulate(int[] batch, in Pass pass)
    {
        double sum = 0;
        for (int k = 0; k < batch.Length; k++)
        {
            float error = _bias.Values[0] - Target(batch[k]) + 0.01f * _carried[0];
            for (int i = 0; i < _weight.Length; i++) error += _weight.Values[i] * X(batch[k], i, pass);
            sum += 0.5 * error * error;
            _bias.Gradients[0] += error;
            for (int i = 0; i < _weight.Length; i++) _weight.Gradients[i] += error * X(batch[k], i, pass);
            _carried[0] = 0.9f * _carried[0] + 0.1f * error;
        }
        return new LossSum(Poison(Calls++) ? double.NaN : sum, batch.Length);
    }

    public Validation? Validate(in Pass pass)
    {
        double sum = 0;
        for (int point = 0; point < 12; point++)
        {
            double error = _bias.Values[0] - Target(point);
            for (int i = 0; i < _weight.Length; i++) error += _weight.Values[i] * X(point, i, pass);
            sum += error * error;
        }
        return new Validation(Score?.Invoke(Validations++) ?? sum / 12, [new("rmse", Math.Sqrt(sum / 12))]);
    }

    public void Save(string path)
    {
        TensorFile file = new();
        foreach (Parameter parameter in Parameters.All) file.Add(Tensor.Of(parameter.Name, parameter.Shape, parameter.Values));
        file.Write(path);
    }

    public string? LocateNonFinite(int[] batch, in Pass pass) => "sequence 7, step 2";

    private static float Target(int point) => 0.3f * point - 1 + new Rng(5).Uniform((ulong)point);

    private static float X(int point, int i, in Pass pass)
    {
        float x = new Rng(7).Uniform((ulong)(10 * point + i)) + point * 0.1f;
        return pass.Training ? x * (1 + 0.1f * pass.Random.Uniform((ulong)(10 * point + i))) : x;
    }
}

/// <summary>10 w², whose loss is NaN where |w| &gt; 100: with a rate above 0.1 the steps run away from 0.</summary>
internal sealed class BowlTask : ITrainingTask<int>
{
    private readonly Parameter _w;

    public BowlTask()
    {
        _w = Parameters.Add("w", 1);
        using Edit edit = Parameters.Edit();
        edit.Values[0] = 1;
    }

    public ParameterStore Parameters { get; } = new();
    public string Model => "{}";
    public string Notes => "{}";
    public IReadOnlyList<int> Batches(int epoch, Rng random) => [.. Enumerable.Range(0, 8)];
    public Validation? Validate(in Pass pass) => null;
    public void Save(string path) { }

    public LossSum Accumulate(int batch, in Pass pass)
    {
        float w = _w.Values[0];
        _w.Gradients[0] += 20 * w;
        return new LossSum(Math.Abs(w) > 100 ? double.NaN : 10.0 * w * w, 1);
    }
}
