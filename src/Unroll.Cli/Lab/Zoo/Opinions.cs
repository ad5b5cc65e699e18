using Unroll.Core;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Zoo;

//  meal ?  the film was very good and  my meal was never dull and  our walk was cold .  .        → likes

/// <summary>
/// Classification of made-up opinions, word by word: the first word says what is asked about, then follow judgments of different things, a third
/// of them denied; the label is whether the thing asked about is liked. The words are those of <c>samples/classify</c>.
/// </summary>
internal sealed class Opinions : ISequenceProblem
{
    private const int Asking = 2, WordsOfJudgment = 6;
    private static readonly string[] Things = ["film", "book", "concert", "meal", "hotel", "walk"], Openings = ["the", "our", "my"];
    private static readonly string[] Good = ["good", "lovely", "moving", "clever", "warm"], Bad = ["bad", "dull", "clumsy", "cold", "tiring"];
    private static readonly string[] Denials = ["not", "never", "hardly"], Stresses = ["very", "quite"];
    private static readonly string[] Words = [.. Things, .. Openings, .. Good, .. Bad, .. Denials, .. Stresses, "was", "and", "?", "."];

    /// <summary>Makes the problem.</summary>
    /// <param name="judgments">How many things are judged, 1 … 6.</param>
    internal Opinions(int judgments) => Length = judgments;

    public string Name => "opinions";

    string ISequenceProblem.Question => "whether the thing asked about is liked";

    public int Length { get; }

    public int MinSteps => MaxSteps;

    public int MaxSteps => Asking + WordsOfJudgment * Length;

    public int Inputs => Words.Length;

    public int Outputs => 2;

    public bool AnswersAreClasses => true;

    public bool OneAnswer => true;

    public int AnswerSteps => 1;

    public double BaselineLoss => Math.Log(2);

    public double? BaselineAccuracy => 0.5;

    public ProblemSequence Draw(int steps, Rng random)
    {
        (string[] words, bool likes) = Text(random);
        float[] x = new float[steps * Inputs];
        for (int t = 0; t < steps; t++) x[t * Inputs + Array.IndexOf(Words, t < words.Length ? words[t] : ".")] = 1;
        return new ProblemSequence(x, [likes ? 1 : 0]);
    }

    /// <summary>The words of an opinion, and its label.</summary>
    internal (string[] Words, bool Likes) Text(Rng random)
    {
        ulong draws = 0;
        int[] order = [.. Enumerable.Range(0, Things.Length)];
        random.For("things").Permute(order);
        int asked = Below(Length);
        bool likes = false;
        List<string> words = [Things[order[asked]], "?"];
        for (int k = 0; k < Length; k++)
        {
            bool good = Below(2) == 0, denied = Below(3) == 0;
            if (k > 0) words.Add("and");
            words.AddRange([Of(Openings), Things[order[k]], "was"]);
            if (denied) words.Add(Of(Denials));
            else if (Below(3) > 0) words.Add(Of(Stresses));
            words.Add(Of(good ? Good : Bad));
            if (k == asked) likes = good != denied;
        }
        return ([.. words, "."], likes);

        int Below(int bound) => random.Below(bound, draws++);
        string Of(string[] list) => list[Below(list.Length)];
    }
}
