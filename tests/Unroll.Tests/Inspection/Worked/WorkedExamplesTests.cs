using Unroll.Core;
using Unroll.Inspection.Worked;

namespace Unroll.Tests.Inspection.Worked;

public sealed class WorkedExamplesTests
{
    public static TheoryData<string> Names => [.. WorkedExamples.Names];

    // 1e-5 is the step of the central differences: 1e-10 of truncation. Scores of 1000 are rounded to 1e-13, which is 1e-8 of the step.
    [Theory, MemberData(nameof(Names))]
    public void Every_gradient_and_term_agrees_with_its_central_difference(string name) =>
        Assert.InRange(WorkedExamples.Find(name).LargestError(), 0, 1e-7);

    [Theory, MemberData(nameof(Names))]
    public void Terms_and_shares_add_up_to_their_sums(string name)
    {
        IReadOnlyList<WorkedValue> values = WorkedExamples.Find(name).Compute();
        int sums = 0;
        foreach (IGrouping<(string, string), WorkedValue> gradient in values.Where(value => value.Term != "" && value.Term != "product")
                     .GroupBy(value => (value.Section, value.Name)))
        {
            WorkedValue sum = gradient.Single(value => value.Term == "sum");
            WorkedValue[] parts = [.. gradient.Where(value => value.Term != "sum")];
            if (parts.Length == 0) continue;                             // the loss, and the notes' form, which prints sums alone
            sums++;
            for (int k = 0; k < sum.Values.Count; k++) Assert.Equal(parts.Sum(part => part.Values[k]), sum.Values[k], 1e-14);    // numbers of size 1
        }
        Assert.Equal(name != "softmax-cross-entropy", sums > 0);
    }

    [Fact] // S41–S43, trap 1
    public void The_GRU_of_the_notes_has_the_same_terms_and_the_updates_gradient_with_its_sign_turned()
    {
        IReadOnlyList<WorkedValue> values = WorkedExamples.Find("gru").Compute();
        double[] Of(string section, string name, string term) => [.. values.Single(v => (v.Section, v.Name, v.Term) == (section, name, term)).Values];
        foreach ((string ours, string notes) in new[]
                 { ("output", "own loss"), ("direct", "direct"), ("through z", "through Γu"), ("through n", "through c̃"),
                     ("through r", "through Γr") })
            Assert.Equal(Of("step 2, backward", "δh", ours), Of("the notes' form, step 2, backward", "δc", notes), (a, b) =>
                Math.Abs(a - b) <= 1e-15);
        const string shares = "gradients of the weights, each step's share";
        double[] hidden = Of(shares, "dW_hz", "sum"), input = Of(shares, "dW_iz", "sum");
        Assert.Equal(
            new[] { -hidden[0], -hidden[1], -input[0], -hidden[2], -hidden[3], -input[1] }, Of("the notes' form, gradients", "dW_u", "sum"),
            (a, b) => Math.Abs(a - b) <= 1e-15);
    }

    [Fact]
    public void An_unknown_example_is_refused_with_the_names_there_are()
    {
        string message = Assert.Throws<UserErrorException>(() => WorkedExamples.Find("grru")).Message;
        Assert.Contains("softmax-cross-entropy", message);
        Assert.EndsWith("did you mean 'gru'?", message);
    }
}
