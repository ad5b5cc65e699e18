using Unroll.Core;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks;

public sealed class HashOnceTests
{
    [Fact]
    public void The_hash_of_the_weights_is_kept_until_they_change()
    {
        LanguageModel model = LanguageModel.Train(GrammarText.Generate(30), new LanguageOptions
        {
            Embedding = 4, Hidden = 6, Batch = 4, Bptt = [8], Dropout = 0, Epochs = 1, Members = 2,
        });
        string first = model.WeightsSha256;
        Assert.Same(first, model.WeightsSha256);
        foreach (ITaskModel member in ((ITaskModel)model).Members)
        {
            string before = model.WeightsSha256;
            using (Edit edit = member.Parameters.Edit()) edit.Of(member.Parameters.All[0])[0] += 1;
            Assert.NotEqual(before, model.WeightsSha256);
            Assert.Equal(Ensemble.WeightsSha256(model), model.WeightsSha256);
        }
    }
}
