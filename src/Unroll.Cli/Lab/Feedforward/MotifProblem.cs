using Unroll.Core;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Feedforward;

/// <summary>
/// Whether three given letters occur next to each other somewhere in a sequence of random letters. The positions at which they may occur are given,
/// and they occur nowhere else, so a network can be trained on some positions and tested on others.
/// </summary>
/// <param name="steps">Letters of a sequence.</param>
/// <param name="places">Where the motif may begin, each at most steps − 3.</param>
internal sealed class MotifProblem(int steps, params IReadOnlyList<int> places) : ISequenceProblem
{
    internal const int Letters = 4;
    private static ReadOnlySpan<int> Motif => [0, 2, 1];

    /// <summary>The motif may be anywhere.</summary>
    internal static MotifProblem Anywhere(int steps) => new(steps, [.. All(steps)]);

    /// <summary>The motif begins at an even place, counted from 0.</summary>
    internal static MotifProblem EvenPlaces(int steps) => new(steps, [.. All(steps).Where(place => place % 2 == 0)]);

    /// <summary>The motif begins at an odd place.</summary>
    internal static MotifProblem OddPlaces(int steps) => new(steps, [.. All(steps).Where(place => place % 2 == 1)]);

    /// <summary>The motif lies entirely within the first half.</summary>
    internal static MotifProblem FirstHalf(int steps) => new(steps, [.. All(steps / 2)]);

    /// <summary>The motif lies entirely within the second half.</summary>
    internal static MotifProblem SecondHalf(int steps) => new(steps, [.. All(steps).Where(place => place >= steps / 2)]);

    private static IEnumerable<int> All(int steps) => Enumerable.Range(0, steps - Motif.Length + 1);

    public string Name => "motif";

    public string Question => "whether three letters occur next to each other";

    public int Length => steps;

    public int MinSteps => steps;

    public int MaxSteps => steps;

    public int Inputs => Letters;

    public int Outputs => 2;

    public bool AnswersAreClasses => true;

    public bool OneAnswer => true;

    public int AnswerSteps => 1;

    public double BaselineLoss => Math.Log(2);

    public double? BaselineAccuracy => 0.5;

    public ProblemSequence Draw(int steps, Rng random)
    {
        bool present = random.Below(2, 0) == 1;
        int place = present ? places[random.Below(places.Count, 1)] : -1;
        int[] letters = new int[steps];
        for (ulong attempt = 0; ; attempt++)                                 // until the motif is where it should be and nowhere else
        {
            Rng own = random.For("letters").At(attempt);
            for (int t = 0; t < steps; t++) letters[t] = own.Below(Letters, (ulong)t);
            if (present) Motif.CopyTo(letters.AsSpan(place));
            if (Places(letters).SequenceEqual(present ? [place] : [])) break;
        }
        float[] x = new float[steps * Letters];
        for (int t = 0; t < steps; t++) x[t * Letters + letters[t]] = 1;
        return new ProblemSequence(x, [present ? 1 : 0]);
    }

    /// <summary>Where the motif begins.</summary>
    internal static List<int> Places(ReadOnlySpan<int> letters)
    {
        List<int> places = [];
        for (int t = 0; t + Motif.Length <= letters.Length; t++)
            if (letters.Slice(t, Motif.Length).SequenceEqual(Motif)) places.Add(t);
        return places;
    }
}
