using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>What one step does, counted.</summary>
public sealed class StepCountTests
{
    [Theory]
    [InlineData(SandwichRule.Algorithm1, 3, 1)]
    [InlineData(SandwichRule.Released, 3, 3)]
    [InlineData(SandwichRule.Single, 1, 1)]
    public void A_step_runs_each_part_as_often_as_its_rule_says(SandwichRule rule, int students, int teacherMoves)
    {
        using var scope = NewDisposeScope();
        var options = TinyModel.Method with { Rule = rule };
        using var model = TinyModel.Create(options);
        var before = model.Queues[0].Queue.Keys.clone();
        var (queries, keys) = TinyModel.Views(0);
        var losses = model.Step(TinyModel.Batched(queries, keys), TinyModel.Architectures(options, 0), TinyModel.At(0), 0.01);

        Assert.Equal(
            new(
                TeacherForwards: teacherMoves, StudentForwards: students, TeacherUpdates: teacherMoves, Remembered: teacherMoves,
                OptimizerSteps: 1),
            model.Counts);
        Assert.Equal([(long)students], losses.shape);
        // The queue itself must agree: as many columns overwritten as keys were put in, the others untouched.
        var changed = model.Queues[0].Queue.Keys.ne(before).any(0).to(ScalarType.Int64).sum().item<long>();
        Assert.Equal(teacherMoves * TinyModel.Batch, changed);
        Assert.Equal(teacherMoves * TinyModel.Batch % TinyModel.Objective.QueueLength, model.Queues[0].Queue.Position);
    }

    /// <summary>DATA's Table 8, "unfixed": the teacher runs for each student. Max's keys are kept; as released, each pass's.</summary>
    [Theory]
    [InlineData(SandwichRule.Algorithm1, 1)]
    [InlineData(SandwichRule.Released, 3)]
    public void A_teacher_like_the_student_runs_for_each_and_its_keys_are_of_its_architecture(SandwichRule rule, int remembered)
    {
        using var scope = NewDisposeScope();
        var options = TinyModel.Method with { Rule = rule, TeacherArchitecture = TeacherArchitecture.Student };
        using var model = TinyModel.Create(options);
        using var fixedModel = TinyModel.Create(options with { TeacherArchitecture = TeacherArchitecture.Fixed });
        var (queries, keys) = TinyModel.Views(0);
        var omega = TinyModel.Architectures(options, 0);
        var losses = model.Step(TinyModel.Batched(queries, keys), omega, TinyModel.At(0), 0.01);
        var ofMax = fixedModel.Step(TinyModel.Batched(queries, keys), omega, TinyModel.At(0), 0.01);

        Assert.Equal((3, 3, remembered), (model.Counts.TeacherForwards, model.Counts.StudentForwards, model.Counts.Remembered));
        Assert.Equal(remembered * TinyModel.Batch % TinyModel.Objective.QueueLength, model.Queues[0].Queue.Position);
        // Max has Max's teacher either way, and the first keys are its.
        Assert.Equal(ofMax[0].item<float>(), losses[0].item<float>(), 1e-5f);
        Assert.All(Enumerable.Range(1, 2), student =>
            Assert.True(Math.Abs(losses[student].item<float>() - ofMax[student].item<float>()) > 1e-4));
        Close.To(First(fixedModel), First(model), 1e-5, "keys");

        static Tensor First(Pretraining of) => of.Queues[0].Queue.Keys.narrow(1, 0, TinyModel.Batch);
    }

    /// <summary>The teacher's share of a step's work: a pass of Max for all students, or one of each student's architecture.</summary>
    [Fact]
    public void What_a_step_costs_counts_the_teacher_s_own_architectures()
    {
        var method = TinyModel.Method;
        const int draws = 100;
        var students = Enumerable.Range(0, draws).SelectMany(step => Sandwich.Draw(Tiny.Space, method.Rule, 7, step))
            .Sum(a => (double)Tiny.Space.Macs(a, 32)) / draws;
        var max = (double)Tiny.Space.Macs(Tiny.Space.Max, 32);
        Assert.Equal(3 * students + max, method.MacsPerImage(Tiny.Space, 7), 2.0);
        Assert.Equal(
            4 * students, (method with { TeacherArchitecture = TeacherArchitecture.Student }).MacsPerImage(Tiny.Space, 7), 2.0);
    }

    [Fact]
    public void The_teacher_moves_by_its_momentum_after_the_optimizer()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var options = TinyModel.Method;
        using var model = TinyModel.Create(options);
        var teacher = model.Networks.TeacherWeights.Values.clone();
        var (queries, keys) = TinyModel.Views(0);
        using (enable_grad()) model.Step(TinyModel.Batched(queries, keys), TinyModel.Architectures(options, 0), TinyModel.At(0), 0.01);
        var expected = teacher * TinyModel.Objective.TeacherMomentum
            + model.Networks.StudentWeights.Values * (1 - TinyModel.Objective.TeacherMomentum);
        Close.To(expected, model.Networks.TeacherWeights.Values, 1e-6, "teacher");
    }

    [Theory]
    [InlineData(SandwichRule.Algorithm1)]
    [InlineData(SandwichRule.Released)]
    public void The_architectures_of_a_step_follow_the_rule_and_repeat(SandwichRule rule)
    {
        var drawn = Enumerable.Range(0, 50).Select(step => Sandwich.Draw(Tiny.Space, rule, 7, step)).ToList();
        Assert.All(drawn, d => Assert.Equal(3, d.Length));
        Assert.All(drawn, d => Assert.Equal(Tiny.Space.Max, d[0]));
        Assert.Equal(rule == SandwichRule.Released, drawn.All(d => d[1].Equals(Tiny.Space.Min)));
        Assert.True(drawn.Select(d => d[2].ToString()).Distinct().Count() > 20);
        Assert.Equal(drawn[31], Sandwich.Draw(Tiny.Space, rule, 7, 31));
        Assert.NotEqual(
            drawn.Select(d => d[2].ToString()),
            Enumerable.Range(0, 50).Select(step => Sandwich.Draw(Tiny.Space, rule, 8, step)[2].ToString()));
    }

    [Fact]
    public void Of_single_students_Max_has_every_fourth_step()
    {
        var drawn = Enumerable.Range(0, 400)
            .Select(step => Assert.Single(Sandwich.Draw(Tiny.Space, SandwichRule.Single, 7, step))).ToList();
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(Tiny.Space.Max, drawn[4 * i]));
        // The others are uniform: of the grid's members all but a few are met, and Max no oftener than another.
        var others = drawn.Where((_, step) => step % 4 != 0).ToList();
        var expected = (double)others.Count / Tiny.Space.Count;
        Assert.True(others.Select(a => a.ToString()).Distinct().Count() > 0.9 * Tiny.Space.Count * (1 - Math.Exp(-expected)));
        Assert.InRange(others.Count(Tiny.Space.Max.Equals), 0, expected + 5 * Math.Sqrt(expected));
        Assert.Equal(drawn[37], Sandwich.Draw(Tiny.Space, SandwichRule.Single, 7, 37)[0]);
    }

    /// <summary>Its loss, gradient and keys are those that it has among others, whose gradients are not added.</summary>
    [Fact]
    public void A_single_student_learns_what_it_would_among_others()
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = TinyModel.Views(0);
        var omega = Sandwich.Draw(Tiny.Space, SandwichRule.Algorithm1, 7, 1);
        // Without weight decay, which would be there for each of them.
        var method = TinyModel.Method with { Optimizer = TinyModel.Method.Optimizer with { WeightDecay = 0 } };
        using var all = TinyModel.Create(method);
        var together = all.Step(TinyModel.Batched(queries, keys), omega, TinyModel.At(0), 0);
        var gradient = zeros_like(all.Networks.StudentWeights.Gradients);
        foreach (var (i, student) in omega.Index())
        {
            using var single = TinyModel.Create(method with { Rule = SandwichRule.Single });
            var alone = single.Step(TinyModel.Batched(queries, keys), [student], TinyModel.At(0), 0);
            Assert.Equal(together[i].item<float>(), Assert.Single(alone.data<float>().ToArray()), 1e-5f);
            gradient += single.Networks.StudentWeights.Gradients;
            Close.To(all.Queues[0].Queue.Keys, single.Queues[0].Queue.Keys, 1e-5, "keys");
        }
        Close.To(gradient, all.Networks.StudentWeights.Gradients, 1e-4, "gradients");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.25, 5)]
    [InlineData(1, 20)]
    public void Max_trains_alone_for_its_share_of_the_steps(double share, int alone)
    {
        var method = TinyModel.Method with { MaxFirst = share };
        for (var step = 0; step < 20; step++)
            Assert.Equal(
                step < alone ? [Tiny.Space.Max] : Sandwich.Draw(Tiny.Space, method.Rule, 7, step),
                method.Students(Tiny.Space, 7, new(step, 20, 4)));
        Assert.Equal([Tiny.Space.Min], (method with { Architecture = Tiny.Space.Min.ToString() }).Students(Tiny.Space, 7, new(0, 20, 4)));
    }

    [Fact]
    public void A_queue_wraps_around_and_refuses_a_batch_that_does_not_divide_it()
    {
        using var scope = NewDisposeScope();
        using var queue = new KeyQueue(dimension: 2, length: 6, seed: 1, CPU);
        Assert.True(queue.Keys.square().sum(0L).allclose(ones(6), rtol: 1e-5));
        for (var i = 0; i < 4; i++) queue.Enqueue(full([2, 2], (float)i));
        Assert.Equal([3f, 3f, 1f, 1f, 2f, 2f], queue.Keys[0].data<float>().ToArray());
        Assert.Equal(2, queue.Position);
        Assert.Throws<InvalidOperationException>(() => queue.Enqueue(zeros(4, 2)));
    }
}
