using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>
/// What a step of SSLight does with each of its three methods, counted. What it comes to is compared with PyTorch's by
/// <see cref="ObjectiveParityTests"/>.
/// </summary>
public sealed class SslightTests
{
    /// <summary>The step is the third, in which SwAV's queues take keys. Two global and six local views.</summary>
    /// <param name="studentViews">Views of each image that each of the three students sees.</param>
    /// <param name="teacherViews">Views of each image that the teacher sees.</param>
    /// <param name="queues">Queues, each of which takes one key an image.</param>
    /// <param name="terms">Pairs of views in a student's loss.</param>
    /// <param name="globals">Those of two global views, which together count for 0.4.</param>
    [Theory]
    [InlineData("sslight-moco", 7, 1, 1, 7, 1)]
    [InlineData("sslight-swav", 8, 0, 2, 14, 2)]
    [InlineData("sslight-dino", 8, 2, 0, 14, 2)]
    public void A_step_shows_compares_and_enqueues_as_often_as_published(
        string name, int studentViews, int teacherViews, int queues, int terms, int globals)
    {
        using var scope = NewDisposeScope();
        var watched = new WatchedOptions(TinyObjectives.All[name].Objective);
        var method = TinyObjectives.All[name] with { Objective = watched };
        using var model = TinyModel.Create(method);
        watched.Losing = part =>
        {
            Assert.Equal(studentViews, part.Students.OfType<ViewOutput>().Count());
            Assert.Equal(teacherViews, part.Teachers.OfType<ViewOutput>().Count());
            Assert.Equal(terms, part.Terms.Select(term => (term.Target, term.Prediction)).Distinct().Count());
            var ofGlobals = part.Terms.Where(term => term.Prediction < 2).ToList();
            Assert.Equal(globals, ofGlobals.Count);
            Assert.All(ofGlobals, term => Assert.Equal(0.4 / globals, term.Weight, 12));
            Assert.All(part.Terms.Except(ofGlobals), term => Assert.Equal(0.6 / (terms - globals), term.Weight, 12));
        };
        var before = model.Queues.Select(entry => entry.Queue.Keys.clone()).ToList();
        TinyObjectives.Step(model, method, step: 2, rate: 0.01);

        const int students = 3;
        Assert.Equal(
            new(
                TeacherForwards: method.Objective.HasTeacher ? 1 : 0, StudentForwards: students,
                TeacherUpdates: method.Objective.HasTeacher ? 1 : 0, Remembered: 1, OptimizerSteps: 1),
            model.Counts);
        Assert.Equal(students * studentViews * TinyObjectives.Images, watched.StudentViews);
        Assert.Equal(teacherViews * TinyObjectives.Images, watched.TeacherViews);
        Assert.Equal(queues, model.Queues.Count);
        foreach (var (i, (_, queue)) in model.Queues.Index())
        {
            var changed = queue.Keys.ne(before[i]).any(0).to(ScalarType.Int64).sum().item<long>();
            Assert.Equal((TinyObjectives.Images, TinyObjectives.Images), (changed, queue.Position));
        }
    }

    /// <summary>Nothing that a student makes of a view is a target of MoCo's: only the key that one view gave is kept.</summary>
    [Fact]
    public void MoCo_enqueues_the_key_of_view_0_and_no_other()
    {
        using var scope = NewDisposeScope();
        var watched = new WatchedOptions(TinyObjectives.All["sslight-moco"].Objective);
        var method = TinyObjectives.All["sslight-moco"] with { Objective = watched };
        using var model = TinyModel.Create(method);
        watched.Remembering = (targets, _) =>
        {
            Assert.Equal([0], targets.Index().Where(target => target.Item is not null).Select(target => target.Index));
            Close.SameBits(targets[0]!.Z.t(), model.Queues[0].Queue.Keys.narrow(1, 0, TinyObjectives.Images), "keys");
        };
        TinyObjectives.Step(model, method, step: 0, rate: 0.01);
        Assert.Equal(1, watched.Remembered);
    }
}
