/** The packages are written as they are published: "./x.js" is x.ts while nothing is built. */
module.exports = (path, options) => {
  try {
    return options.defaultResolver(path, options)
  } catch (error) {
    if (!/^\..*\.js$/.test(path)) throw error
    return options.defaultResolver(path.slice(0, -3), options)
  }
}
