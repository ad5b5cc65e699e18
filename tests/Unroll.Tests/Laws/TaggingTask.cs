using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Training;

namespace Unroll.Tests.Laws;

/// <summary>
/// A small task for a whole network: which of the features was largest one step before; the first step of a sequence does not count. Thirty ragged
/// sequences, six to a batch. Data and first weights are uniform draws, so that no function of the platform's mathematics library is in them.
/// </summary>
internal sealed class TaggingTask : ITrainingTask<int[]>
{
    public const int Features = 3, BatchesPerEpoch = 5;
    private const int Sequences = 30, PerBatch = 6;
    private static readonly Rng Draws = new(21);

    public TaggingTask(params LayerSpec[] layers)
    {
        Network = Network.Build(new(Features, [.. layers, new DenseSpec { Name = "head", Outputs = Features }]), OwnCells.All);
        using Edit edit = Network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.6f * (Draws.For("weights").Uniform((ulong)i) - 0.5f);
    }

    public Network Network { get; }
    public ParameterStore Parameters => Network.Parameters;
    public string Model => Network.Spec.ToJson();
    public string Notes => "{}";
    public Validation? Validate(in Pass pass) => null;
    public void Save(string path) => ModelFile.Save(path, Network.Spec, Notes, Parameters, cells: Network.Cells);

    public IReadOnlyList<int[]> Batches(int epoch, Rng random)
    {
        int[] order = new int[Sequences];
        random.Permute(order);
        return [.. order.Chunk(PerBatch)];
    }

    public IReadOnlyList<int> LengthsOf(int[] batch) => Array.ConvertAll(batch, s => s % 9);

    public bool SumsByShard(int[] batch) => true;

    public int[] Part(int[] batch, IReadOnlyList<int> sequences) => [.. sequences.Select(s => batch[s])];

    public LossSum Accumulate(int[] batch, in Pass pass)
    {
        Pass own = pass with { SequenceIds = batch.Select(s => (long)s).ToArray() };
        SequenceBatch x = SequenceBatch.FromSequences(Features, [.. batch.Select(Sequence)]);
        Cache cache = Network.Forward(x, null, own);
        SequenceBatch dy = SequenceBatch.Zeros(x.Layout, Features);
        Targets targets = Targets.OfSequences(x.Layout, [.. batch.Select(s => Labels(Sequence(s)))]);
        LossSum loss = new SoftmaxCrossEntropy().Compute(cache.Output, targets, dy, own);
        Network.Backward(dy, cache, own);
        return loss;
    }

    /// <summary>The features of one sequence of 0 … 8 steps.</summary>
    public static float[] Sequence(int s)
    {
        float[] x = new float[s % 9 * Features];
        for (int i = 0; i < x.Length; i++) x[i] = 2 * Draws.For("data").At((ulong)s).Uniform((ulong)i) - 1;
        return x;
    }

    private static int[] Labels(float[] x)
    {
        float[][] steps = [.. x.Chunk(Features)];
        return [.. steps.Select((_, t) => t == 0 ? Targets.Ignored : Array.IndexOf(steps[t - 1], steps[t - 1].Max()))];
    }
}
