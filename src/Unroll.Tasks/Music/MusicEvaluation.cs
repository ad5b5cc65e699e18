using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tasks.Music;

/// <summary>How well a model foretells pieces.</summary>
public static class MusicScore
{
    /// <summary>
    /// −ln of the probability of what came, a step: of rolls the sum over the keys, of tunes of the symbol (the end counts as one).
    /// </summary>
    /// <exception cref="UserErrorException">A piece is empty.</exception>
    public static double NatsPerStep(MusicModel model, IReadOnlyList<MusicPiece> pieces, ThreadTeam threads)
    {
        Workspace workspace = new();
        double sum = 0;
        long steps = 0;
        foreach (MusicPiece[] some in pieces.Chunk(16))
        {
            workspace.Reset();
            (float[] X, float[] Rolls, int[] Symbols)[] encoded = [.. some.Select(piece => model.Encode(piece))];
            SequenceBatch x = SequenceBatch.FromSequences(model.Network.InputSize, [.. encoded.Select(piece => piece.X)]);
            Pass pass = new(workspace, threads, new Rng(0), Training: false) { InferenceOnly = true };
            SequenceBatch y = model.Network.Forward(x, null, pass).Output;
            sum += model.Loss.Compute(y, model.Pack(y.Layout, encoded), workspace.Rent(y.Layout, y.Features), pass).Sum;
            steps += y.Layout.Rows;
        }
        return sum / steps;
    }
}
