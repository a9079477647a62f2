export const keepShell = () => {}
