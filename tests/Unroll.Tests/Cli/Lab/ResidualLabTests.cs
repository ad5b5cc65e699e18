using Unroll.Cli.Lab;
using Unroll.Cli.Lab.Residual;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Numerics;

namespace Unroll.Tests.Cli.Lab;

public sealed class ResidualLabTests
{
    [Fact]
    public void Error_terms_by_the_way_back_by_the_product_and_by_the_engine_are_one()
    {
        using ThreadTeam threads = new(1);
        foreach (RecurrenceCase one in RecurrenceCase.All.Where(c => c.Options.Kind == "residual"))
        {
            PairedCell cell = one.Draw(new Rng(3), 4, 0.9);
            ErrorTerms terms = ErrorTerms.Of(cell, Draw.Inputs(new Rng(4), 6, 4, 1), Draw.Normal(new Rng(5), 4, 1), threads);
            Assert.InRange(ErrorTerms.Difference(terms.Textbook, terms.Product), 0, 1e-13);
            // float rounding, 6e-8, over six steps; and not the same code
            Assert.InRange(ErrorTerms.Difference(terms.Textbook, terms.Engine), 1e-12, 1e-5);
        }
    }

    // Beside the product of its own Jacobians, and for a linear direction known beforehand: with U = 0 the state is carried on unchanged.
    [Fact]
    public void The_jacobian_of_the_state_is_the_product_of_the_steps_and_the_identity_without_a_recurrent_matrix()
    {
        PairedCell cell = RecurrenceCase.All[0].Draw(new Rng(3), 3, 0.9);
        Vector[] x = Draw.Inputs(new Rng(4), 4, 3, 1);
        RecurrentRun run = cell.Textbook(x);
        Matrix product = Draw.Identity(3);
        foreach (CellStep step in run.Steps) product = ErrorTerms.Jacobian(cell.Weights.Wh['g'], ErrorTerms.Slope(cell, step)) * product;
        Assert.InRange(Spectrum.Norm(StateJacobians.Of(cell, run).First - product), 0, 1e-14);

        cell.Gate('g', Draw.Identity(3), null);
        StateJacobians still = StateJacobians.Of(cell, cell.Textbook(x));
        Assert.Equal(0, Spectrum.Norm(still.First - Draw.Identity(3)));
        Assert.Equal(0, Spectrum.Norm(still.States[^1] - Draw.Identity(3)));
    }

    [Fact]
    public void The_jacobian_of_an_lstm_is_that_of_its_cell_state()
    {
        PairedCell cell = new(new() { Kind = "lstm" }, 1, 1);
        cell.Gate('f', null, null, bias: 0.5).Gate('i', null, null).Gate('o', null, null).Gate('g', Draw.Identity(1), null);
        StateJacobians jacobians = StateJacobians.Of(cell, cell.Textbook([new Vector(0.3), new Vector(0.2)]));
        double f = 1 / (1 + Math.Exp(-0.5));
        Assert.Equal(f * f, jacobians.First[0, 0], 1e-15);
        Assert.Equal(f, jacobians.States[0][0, 0], 1e-15);
        Assert.Equal(0.5 * (1 - Math.Pow(Math.Tanh(0.2f), 2)), jacobians.Inputs[1][0, 0], 1e-8);
    }
}
