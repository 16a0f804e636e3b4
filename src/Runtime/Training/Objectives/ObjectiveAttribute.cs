namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Settings of an objective that say of themselves what is known of it.</summary>
/// <typeparam name="T">The record itself.</typeparam>
public interface IDefined<T> where T : ObjectiveOptions
{
    static abstract ObjectiveKind<T> Definition { get; }
}

/// <summary>Says of an assembly that it has an objective. Types are not looked through for them, which would take as long as the rest of the program's start.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class ObjectiveAttribute : Attribute
{
    internal abstract ObjectiveKind Kind { get; }
}

/// <summary>That of one record of settings: <c>[assembly: Objective&lt;MoCoOptions&gt;]</c>.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ObjectiveAttribute<T> : ObjectiveAttribute where T : ObjectiveOptions, IDefined<T>
{
    internal override ObjectiveKind Kind => T.Definition;
}
