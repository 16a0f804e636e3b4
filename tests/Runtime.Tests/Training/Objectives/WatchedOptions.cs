using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Objectives;

/// <summary>An objective under watch: all that a step asks of it goes on to the objective itself, and is counted.</summary>
internal sealed record WatchedOptions(ObjectiveOptions Of) : ObjectiveOptions(Of.Name, Of.HasTeacher, Of.JoinsViews)
{
    /// <summary>Losses that were asked for.</summary>
    public int Losses { get; private set; }

    /// <summary>How often the memory was told.</summary>
    public int Remembered { get; private set; }

    /// <summary>Views of images that went through a student's heads, one for each image and view.</summary>
    public long StudentViews { get; private set; }

    /// <summary>Those that went through the teacher's.</summary>
    public long TeacherViews { get; private set; }

    /// <summary>Sees what a loss is asked of, before it.</summary>
    public Action<PartOutputs> Losing { get; set; } = _ => { };

    /// <summary>Sees what the memory was told, and in which step, after it.</summary>
    public Action<ViewOutput?[], long> Remembering { get; set; } = (_, _) => { };

    public override HeadShapes Heads() => Of.Heads();

    public override ViewPlan Plan(int size, int multiple) => Of.Plan(size, multiple);

    public override double TeacherMomentumAt(RunPosition at) => Of.TeacherMomentumAt(at);

    public override long FrozenSteps(int stepsPerEpoch) => Of.FrozenSteps(stepsPerEpoch);

    public override string? FirstProblem(int batch) => Of.FirstProblem(batch);

    public override Objective Create(ObjectiveSite site) => new Watched(this, Of.Create(site));

    private sealed class Watched(WatchedOptions options, Objective objective) : Objective
    {
        public override void Begin() => objective.Begin();

        public override ViewOutput Student(NetworkHeads heads, Tensor map)
        {
            options.StudentViews += map.shape[0];
            return objective.Student(heads, map);
        }

        public override ViewOutput Teacher(NetworkHeads heads, Tensor map)
        {
            options.TeacherViews += map.shape[0];
            return objective.Teacher(heads, map);
        }

        public override IReadOnlyList<(string Name, KeyQueue Queue)> Queues => objective.Queues;

        public override IReadOnlyList<(string Name, Tensor Values)> State => objective.State;

        public override Tensor Loss(PartOutputs part, RunPosition at)
        {
            options.Losses++;
            options.Losing(part);
            return objective.Loss(part, at);
        }

        public override void Remember(ViewOutput?[] targets, RunPosition at)
        {
            objective.Remember(targets, at);
            options.Remembered++;
            options.Remembering(targets, at.Step);
        }
    }
}
