// README: members
using Unroll.Tasks.Labels;
// end

namespace Unroll.Tests.Docs;

/// <summary>The code of docs/ensembles.md.</summary>
public sealed class EnsemblesCode
{
    [Fact]
    public void A_model_has_members_that_answer_alone()
    {
        LabelData data = LabelData.From(Enumerable.Range(0, 40)
            .Select(i => ($"a {(i % 2 == 0 ? "fine" : "dull")} film {i}", i % 2 == 0 ? "good" : "bad")));
        // README: members
        LabelModel model = LabelModel.Train(data, new LabelOptions { Members = 3, Hidden = 8, Embedding = 8, Epochs = 4 });
        LabelPrediction together = model.Predict("a fine film");
        foreach (LabelModel member in model.Members)
            Console.WriteLine($"seed {member.Options.LearningSeed}: {member.Predict("a fine film").Label}");
        // end
        Assert.Equal(3, model.Members.Count);
        Assert.Contains(together.Label, (string[])["good", "bad"]);
    }
}
